import type { BackupRun, Vault } from '../domain/records.ts';

/**
 * @param requestedBy - ARN of the caller, or `holdfast:<function>`.
 * @returns the record of a run that begins now.
 */
export function newRun(
  { vaultId }: Pick<Vault, 'vaultId'>,
  runId: string,
  requestedBy: string,
  now: Date,
): BackupRun {
  return {
    kind: 'run',
    vaultId,
    runId,
    state: 'RUNNING',
    requestedBy,
    requestedAt: now.toISOString(),
    endedAt: null,
    snapshotId: null,
    failure: null,
  };
}
