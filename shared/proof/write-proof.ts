import { inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import { daysAfter } from '../domain/lock.ts';
import { sha256Of } from '../format/signed-statement.ts';
import type { Services } from '../ports/services.ts';

/** What is written to both copies as proof: a certificate, a checkpoint or a tombstone. */
export interface Proof {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Counts the days of its first lock; the same for every attempt to write it. */
  readonly from: Date;
}

/**
 * Writes a proof to both copies, locked for as long as the installation allows. Repeating it with
 * the same bytes is harmless; other bytes under the same key are refused. Its lock is looked at
 * every few days (`renew-proofs.ts`), so it never comes unlocked.
 *
 * @returns its version in each copy.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `OBJECT_DAMAGED`.
 */
export async function writeProof(
  { copies, installation }: Pick<Services, 'copies' | 'installation'>,
  { key, bytes, contentType, from }: Proof,
): Promise<PerCopy<string>> {
  const lockedUntil = daysAfter(from, installation.maxLockDays);
  const write = { lockedUntil, contentType, sha256: sha256Of(bytes) };
  return inBothCopies((name) => copies[name].put(key, bytes, write));
}
