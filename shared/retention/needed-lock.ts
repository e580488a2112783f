import { keepingOf } from '../domain/kept-snapshots.ts';
import { daysAfter, isLockDue, lockNeeded, nextLock } from '../domain/lock.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { keepingFacts } from './kept-in-vault.ts';

/** Nothing needs a lock any more: every lock lasts longer than that. */
const NEVER = new Date(0);

/**
 * The renewal extends locks daily. What came in the last two days it may not have seen yet, as when
 * it failed once.
 */
const RENEWED_WITHIN_DAYS = 2;

/** Until when the objects of a snapshot must be locked at this moment. */
export interface NeededLock {
  /** For the policy's minimum from now, or to the snapshot's end; the epoch if it has expired. */
  readonly needed: Date;
  /**
   * The same as the renewal has had time to see to it: without holds, a closing or a policy of the
   * last days, and for a snapshot of the last days to its own end. What is locked to here and not
   * to `needed` is sound, and the next renewal extends it. Never later than `needed`.
   */
  readonly renewed: Date;
}

/** @throws HoldfastError `VAULT_UNKNOWN`, `POLICY_UNKNOWN`. */
export async function neededLock(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  snapshot: Snapshot,
): Promise<NeededLock> {
  const now = clock.now();
  const { record: vault } = await requireVault(ledger, snapshot.vaultId);
  const needed = await lockAsOf(ledger, vault, snapshot, now, now);
  const renewed = await lockAsOf(
    ledger,
    vault,
    snapshot,
    now,
    daysAfter(now, -RENEWED_WITHIN_DAYS),
  );
  return { needed, renewed: renewed < needed ? renewed : needed };
}

/** Until when a snapshot must be locked now, by what was decided about it before `since`. */
async function lockAsOf(
  ledger: Ledger,
  vault: Vault,
  snapshot: Snapshot,
  now: Date,
  since: Date,
): Promise<Date> {
  const pin = vault.replacedPolicies?.find(({ replacedAt }) => new Date(replacedAt) > since);
  const { lock } = await policyOf(ledger, pin ?? vault);
  const end = new Date(snapshot.retainUntil);
  const keeping =
    snapshot.expiredAt === null && new Date(snapshot.createdAt) > since
      ? { promised: end, until: end }
      : keepingOf(snapshot, await keepingFacts(ledger, vault, since), now);
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
  const { record: vault } = await requireVault(ledger, snapshot.vaultId);
  const { lock } = await policyOf(ledger, vault);
  const keeping = keepingOf(snapshot, await keepingFacts(ledger, vault), now);
  if (keeping === null) {
    return null;
  }
  const present = new Date(snapshot.lockedUntil);
  return isLockDue(lock, keeping, present, now) ? nextLock(lock, keeping, now) : present;
}
