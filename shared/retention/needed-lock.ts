import { keepingOf } from '../domain/kept-snapshots.ts';
import { isLockDue, lockNeeded, nextLock } from '../domain/lock.ts';
import type { Snapshot } from '../domain/records.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { keepingFacts } from './kept-in-vault.ts';

/** Nothing needs a lock any more: every lock lasts longer than that. */
const NEVER = new Date(0);

/**
 * @returns until when the objects of a snapshot must be locked at this moment: for the policy's
 * minimum from now, or until the snapshot's end; the epoch for one that is not kept any more.
 * @throws HoldfastError `VAULT_UNKNOWN`, `POLICY_UNKNOWN`.
 */
export async function neededLock(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  snapshot: Snapshot,
): Promise<Date> {
  const now = clock.now();
  const { lock, keeping } = await keepingOfOne(ledger, snapshot, now);
  return keeping === null ? NEVER : lockNeeded(lock, keeping, now);
}

/**
 * @returns the end of the lock that an object of a snapshot gets when it is written once more: the
 * one the snapshot has, or the next one when that is due for its renewal; `null` for a snapshot
 * that is not kept any more.
 * @throws HoldfastError `VAULT_UNKNOWN`, `POLICY_UNKNOWN`.
 */
export async function lockOfRewrite(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  snapshot: Snapshot,
): Promise<Date | null> {
  const now = clock.now();
  const { lock, keeping } = await keepingOfOne(ledger, snapshot, now);
  if (keeping === null) {
    return null;
  }
  const present = new Date(snapshot.lockedUntil);
  return isLockDue(lock, keeping, present, now) ? nextLock(lock, keeping, now) : present;
}

async function keepingOfOne(ledger: Services['ledger'], snapshot: Snapshot, now: Date) {
  const { record: vault } = await requireVault(ledger, snapshot.vaultId);
  const { lock } = await policyOf(ledger, vault);
  return { lock, keeping: keepingOf(snapshot, await keepingFacts(ledger, vault), now) };
}
