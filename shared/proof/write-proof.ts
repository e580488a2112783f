import { inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';
import { daysAfter } from '../domain/lock.ts';
import { sha256Of } from '../format/signed-statement.ts';
import type { Installation, Services } from '../ports/services.ts';
import { type LocatedProof, locateIn } from './locate-proof.ts';

/** What is written to both copies as proof: a certificate, a checkpoint or a tombstone. */
export interface Proof {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Counts the days of its first lock; the same for every attempt to write it. */
  readonly from: Date;
}

/**
 * @returns for how many days a proof is locked: one less than the copies accept, which count by
 * S3's own clock, unless that is only one.
 */
export function proofLockDays({ maxLockDays }: Pick<Installation, 'maxLockDays'>): number {
  return Math.max(1, maxLockDays - 1);
}

/**
 * Writes a proof to both copies, locked for as long as the installation allows. Repeating it with
 * the same bytes is harmless; other bytes under the same key are refused. Its lock is looked at
 * every few days (`renew-proofs.ts`), so it never comes unlocked.
 *
 * A copy that has the proof keeps it, with a lock that lasts no shorter: a ledger that was restored
 * counts from a later day than the one that wrote it first.
 *
 * @returns its version in each copy.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `OBJECT_DAMAGED`.
 */
export async function writeProof(
  { copies, installation }: Pick<Services, 'copies' | 'installation'>,
  { key, bytes, contentType, from }: Proof,
): Promise<PerCopy<string>> {
  const lockedUntil = daysAfter(from, proofLockDays(installation));
  const write = { lockedUntil, contentType, sha256: sha256Of(bytes) };
  return inBothCopies(async (name) => {
    const there = await locateIn(copies[name], key);
    return there === undefined
      ? copies[name].put(key, bytes, write)
      : keepThere(there, { key, ...write });
  });
}

async function keepThere(
  { copy, versionId }: LocatedProof,
  { key, sha256, lockedUntil }: { key: string; sha256: string; lockedUntil: Date },
): Promise<string> {
  const state = await copy.inspect(key, versionId);
  if (state?.sha256 !== sha256) {
    const problem = 'another object has its place';
    throw new HoldfastError('OBJECT_DAMAGED', { copy: copy.name, object: key, problem });
  }
  if (state.lockedUntil === null || state.lockedUntil < lockedUntil) {
    await copy.extendLock(key, versionId, lockedUntil);
  }
  return versionId;
}
