import { HoldfastError } from './errors.ts';

/** A ULID: 26 characters of Crockford's base 32, the first 10 of them a time in milliseconds. */
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** What an id stands for, as messages name it. */
export type IdKind = 'client' | 'vault' | 'snapshot' | 'restore' | 'run' | 'hold' | 'erasure';

/** @throws HoldfastError `ID_INVALID` when `value` is not a ULID. */
export function requireId(kind: IdKind, value: string): string {
  if (!ULID.test(value)) {
    throw new HoldfastError('ID_INVALID', { what: kind });
  }
  return value;
}
