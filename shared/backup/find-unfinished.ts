import { FAULTS } from '../domain/fault-catalogue.ts';
import { LONGEST_RUN_DAYS } from '../domain/limits.ts';
import { daysAfter, lockNeeded } from '../domain/lock.ts';
import type { Vault } from '../domain/records.ts';
import { snapshotDates } from '../domain/snapshot-dates.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Ledger } from '../ports/ledger.ts';
import { findSnapshot } from '../registry/find-snapshot.ts';
import type { LoggedRun } from './run-log.ts';

/**
 * Days after which a run begins anew rather than with what an earlier one has left. What it reads
 * goes into a snapshot that is dated back to the beginning of that one, and is kept for so much
 * less.
 */
const MOST_DAYS = 7;

/** A run that gave up, and what can be gone on with. */
export interface UnfinishedRun {
  readonly record: LoggedRun;
  readonly version: number;
}

/**
 * Finds the run that gave up last, if the next one can go on with its shards: it has begun on top
 * of the same snapshot, under the same version of a policy, not long ago, and did not end because
 * something stored is damaged, which going on would meet again. What was written before the vault
 * was moved to other keys is of no use after it.
 *
 * The snapshot keeps the dates of its beginning, for all of it. They must last until the longest
 * run that begins now has ended: the copies refuse a lock that is past. What a run has written that
 * none goes on with is left to the sweep.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `POLICY_UNKNOWN`, `SNAPSHOT_UNKNOWN`.
 */
export async function findUnfinished(
  ledger: Ledger,
  vault: Vault,
  now: Date,
): Promise<UnfinishedRun | undefined> {
  const { vaultId, unfinishedRunId, policyId, policyVersion, lastSnapshotId, move } = vault;
  const found = unfinishedRunId && (await ledger.get('run', vaultId, unfinishedRunId));
  if (!found) {
    return undefined;
  }
  const { record, version } = found;
  const { progress, failure } = record;
  if (progress === undefined || record.state !== 'FAILED' || isDamage(failure)) {
    return undefined;
  }
  const days = (now.getTime() - new Date(progress.createdAt).getTime()) / 86_400_000;
  const isOfUse =
    progress.previousSnapshotId === lastSnapshotId &&
    progress.policyId === policyId &&
    progress.policyVersion === policyVersion &&
    (move === undefined || progress.createdAt > move.begunAt) &&
    days < MOST_DAYS &&
    (await outlastsRun(ledger, vault, new Date(progress.createdAt), now));
  return isOfUse ? { record: { ...record, progress }, version } : undefined;
}

/** Whether a snapshot begun then is kept, and locked as its policy asks, until a new run ends. */
async function outlastsRun(
  ledger: Ledger,
  vault: Vault,
  createdAt: Date,
  now: Date,
): Promise<boolean> {
  const policy = await policyOf(ledger, vault);
  const previous = await findSnapshot(ledger, vault.vaultId, vault.lastSnapshotId);
  const { retainUntil, lockedUntil } = snapshotDates(policy, createdAt, previous);
  const runEnd = daysAfter(now, LONGEST_RUN_DAYS);
  const needed = lockNeeded(policy.lock, { promised: retainUntil, until: retainUntil }, runEnd);
  return retainUntil > runEnd && lockedUntil >= needed;
}

function isDamage(failure: string | null): boolean {
  const fault = Object.entries(FAULTS).find(([code]) => code === failure);
  return fault?.[1].kind === 'damaged';
}
