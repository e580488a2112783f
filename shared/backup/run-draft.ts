import type { Policy } from '../domain/policy.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import { snapshotDates } from '../domain/snapshot-dates.ts';
import type { LoggedRun } from './run-log.ts';
import type { Draft } from './seal-snapshot.ts';

/** @returns the snapshot that all attempts of a run work on, with the dates of its beginning. */
export function draftOf(
  vault: Vault,
  policy: Policy,
  previous: Snapshot | null,
  { runId, progress }: LoggedRun,
): Draft {
  const { snapshotId, createdAt: begun } = progress;
  const { vaultId, keys } = vault;
  const dates = snapshotDates(policy, new Date(begun), previous);
  return { vaultId, snapshotId, runId, keys, ...dates };
}
