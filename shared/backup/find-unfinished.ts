import { FAULTS } from '../domain/fault-catalogue.ts';
import type { Vault } from '../domain/records.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { LoggedRun } from './run-log.ts';

/**
 * Days after which a run begins anew rather than with what an earlier one has left. Far below the
 * shortest lock of a policy, so that all that was written is locked still, and longer than any run
 * goes on and is tried again.
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
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function findUnfinished(
  ledger: Ledger,
  { vaultId, unfinishedRunId, policyId, policyVersion, lastSnapshotId, move }: Vault,
  now: Date,
): Promise<UnfinishedRun | undefined> {
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
    days < MOST_DAYS;
  return isOfUse ? { record: { ...record, progress }, version } : undefined;
}

function isDamage(failure: string | null): boolean {
  const fault = Object.entries(FAULTS).find(([code]) => code === failure);
  return fault?.[1].kind === 'damaged';
}
