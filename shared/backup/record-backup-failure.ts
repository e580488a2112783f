import { METRICS } from '../config/metric-names.ts';
import type { Policy } from '../domain/policy.ts';
import type { BackupRun, Vault } from '../domain/records.ts';
import { findPolicy } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { type RunAddress, requireRun } from './find-run.ts';
import { retryBackupAt } from './next-backup.ts';

/** An error name such as `COPY_UNAVAILABLE` or `States.Timeout`; anything else is not recorded. */
const FAILURE_NAME = /^[A-Za-z][A-Za-z0-9_.]{0,63}$/;

/**
 * Ends a run that has given up: frees its vault, plans the next try and tells the alarms. A run
 * that has ended already stays as it is.
 *
 * @param ended.error - name of the error that ended it.
 * @returns the run as the ledger has it now.
 * @throws HoldfastError `VAULT_UNKNOWN`, `RUN_UNKNOWN`.
 */
export async function recordBackupFailure(
  services: Pick<Services, 'ledger' | 'clock' | 'telemetry'>,
  ended: RunAddress & { error: string },
): Promise<BackupRun> {
  const { vaultId, runId } = ended;
  const failure = FAILURE_NAME.test(ended.error) ? ended.error : 'UNKNOWN';
  const recorded = await changeVault(services, vaultId, async (vault) => {
    const { record, version } = await requireRun(services.ledger, ended);
    if (record.state !== 'RUNNING') {
      return null;
    }
    const now = services.clock.now();
    const known = await findPolicy(services.ledger, vault);
    const run: BackupRun = { ...record, state: 'FAILED', endedAt: now.toISOString(), failure };
    return {
      vault: withUnfinished(freed(vault, runId, known?.policy, now), run),
      actor: 'holdfast:record-backup-failure',
      action: 'backup.failed',
      outcome: 'failed' as const,
      reason: failure,
      details: { runId, failure },
      also: [{ record: run, expect: version }],
      result: run,
    };
  });
  if (recorded === null) {
    return (await requireRun(services.ledger, ended)).record;
  }
  services.telemetry.event('backup.failed', { vaultId, runId, failure });
  services.telemetry.measure(METRICS.backupFailed, 1);
  return recorded;
}

/** What was begun is kept in mind for the next run. */
function withUnfinished(vault: Vault, { runId, progress }: BackupRun): Vault {
  return progress === undefined ? vault : { ...vault, unfinishedRunId: runId };
}

/** Another run that has taken the vault meanwhile keeps it. */
function freed(vault: Vault, runId: string, policy: Policy | undefined, now: Date): Vault {
  const activeRun = vault.activeRun?.runId === runId ? null : vault.activeRun;
  const everyHours = policy?.backup.everyHours;
  if (everyHours === undefined || vault.nextBackupAt === null) {
    return { ...vault, activeRun };
  }
  return { ...vault, activeRun, nextBackupAt: retryBackupAt(vault.nextBackupAt, everyHours, now) };
}
