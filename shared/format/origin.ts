import type { CopyName } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';

/** Which object of which copy is being read: what an error about it names. */
export interface Origin {
  readonly copy: CopyName;
  /** Object key. */
  readonly object: string;
}

/**
 * What can be wrong with an object:
 * - `truncated`: bytes are missing at its end
 * - `altered`: its bytes are not those that were written
 * - `belongs to another object`: it is whole, but was written under another name or vault
 * - `malformed`: it opens, but does not hold what the format demands
 * - `incomplete`: something it must hold or name is not there
 */
export type Damage =
  | 'truncated'
  | 'altered'
  | 'belongs to another object'
  | `malformed: ${string}`
  | `incomplete: ${string}`;

/** @returns HoldfastError `OBJECT_DAMAGED` for this object. */
export function damaged(
  origin: Origin,
  problem: Damage,
  cause?: unknown,
): HoldfastError<'OBJECT_DAMAGED'> {
  const { copy, object } = origin;
  return new HoldfastError('OBJECT_DAMAGED', { copy, object, problem }, cause);
}
