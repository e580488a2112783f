import type { CopyName } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { StoredObject } from '../domain/records.ts';
import { verifiedBytes } from '../format/verified-bytes.ts';
import type { Services } from '../ports/services.ts';

/** Asked again and again: whether there is time to go on. */
export type HasTime = () => boolean;

/** What reading one copy of an object has shown. The last two say nothing about the object. */
export type ReadOutcome =
  | { readonly found: 'whole' }
  | { readonly found: 'damaged'; readonly problem: string }
  | { readonly found: 'unanswered'; readonly code: string }
  | { readonly found: 'out-of-time' };

/** An outcome that says something about the object. */
export type Finding = Extract<ReadOutcome, { found: 'whole' | 'damaged' }>;

/** What is wrong with an object that is not there. */
export const MISSING = 'missing';

/**
 * Reads one copy of an object from its first to its last byte and compares size and SHA-256 with
 * what was recorded when it was written. It needs no key.
 */
export async function readWhole(
  { copies }: Pick<Services, 'copies'>,
  copy: CopyName,
  stored: StoredObject,
  versionId: string,
  hasTime: HasTime,
): Promise<ReadOutcome> {
  try {
    const bytes = await copies[copy].read(stored.key, versionId);
    for await (const _ of verifiedBytes(bytes, stored, { copy, object: stored.key })) {
      if (!hasTime()) {
        return { found: 'out-of-time' };
      }
    }
    return { found: 'whole' };
  } catch (error) {
    return outcomeOf(error);
  }
}

/** @returns what a failed read says. @throws `error` itself when it is none of a copy's. */
export function outcomeOf(
  error: unknown,
): Extract<ReadOutcome, { found: 'damaged' | 'unanswered' }> {
  if (isFault(error, 'OBJECT_MISSING')) {
    return { found: 'damaged', problem: MISSING };
  }
  if (isFault(error, 'OBJECT_DAMAGED')) {
    return { found: 'damaged', problem: error.data.problem };
  }
  if (isFault(error, 'COPY_UNAVAILABLE', 'COPY_DENIED', 'KEYS_UNAVAILABLE', 'KEYS_UNUSABLE')) {
    return { found: 'unanswered', code: error.code };
  }
  throw error;
}
