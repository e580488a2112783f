import type { BackupRun } from '../domain/records.ts';
import { requireS3Source } from '../domain/vault-source.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { endOvertaken } from './end-overtaken.ts';
import { newRun } from './new-run.ts';
import { recordBackupFailure } from './record-backup-failure.ts';
import { leaseVault } from './vault-lease.ts';

/**
 * Starts a backup of one vault, by hand or by the schedule. The vault is taken for the run at once,
 * so that of two requests one is refused. A run whose lease is over gives way, and is recorded as
 * failed.
 *
 * @param actor - ARN of the caller, or `holdfast:<function>`.
 * @returns the run, which has only begun.
 * @throws HoldfastError `ID_INVALID`, `VAULT_UNKNOWN`, `VAULT_NOT_ACTIVE`, `SOURCE_IS_FOLDER`,
 * `BACKUP_RUNNING`;
 * `PIPELINE_UNAVAILABLE` when it could not be started: the run is recorded as failed then.
 */
export async function requestBackup(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'pipeline' | 'telemetry'>,
  actor: string,
  vaultId: string,
): Promise<BackupRun> {
  const now = services.clock.now();
  const runId = services.ids.next();
  const run = newRun({ vaultId }, runId, actor, now);
  await changeVault(services, vaultId, async (vault) => {
    requireS3Source(vault);
    return {
      vault: leaseVault(vault, runId, now),
      actor,
      action: 'backup.requested',
      details: { runId },
      also: [
        { record: run, expect: 'absent' as const },
        ...(await endOvertaken(services.ledger, vault, runId)),
      ],
      result: run,
    };
  });
  try {
    await services.pipeline.startBackup(vaultId, runId);
  } catch (error) {
    await recordBackupFailure(services, { vaultId, runId, error: 'PIPELINE_UNAVAILABLE' });
    throw error;
  }
  return run;
}
