import { dueWork } from '../domain/due-work.ts';
import { isFault } from '../domain/errors.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { requestBackup } from './request-backup.ts';

const ACTOR = 'holdfast:schedule-backups';

/**
 * Starts a backup of every vault that is due. A vault that cannot be started is reported and stays
 * due; one that is being backed up is left alone.
 *
 * @returns how many were started.
 * @throws HoldfastError `LEDGER_UNAVAILABLE` when the queue cannot be read.
 */
export async function startDueBackups(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'pipeline' | 'telemetry'>,
): Promise<number> {
  let started = 0;
  const now = services.clock.now();
  for await (const vaultId of services.ledger.due('backup', now)) {
    try {
      if (!(await isStillDue(services, vaultId, now))) {
        continue;
      }
      await requestBackup(services, ACTOR, vaultId);
      started += 1;
    } catch (error) {
      if (!isFault(error, 'BACKUP_RUNNING')) {
        const failure = isFault(error) ? error.code : 'UNEXPECTED';
        services.telemetry.event('backup.not-started', { vaultId, failure });
      }
    }
  }
  services.telemetry.event('backup.schedule', { started });
  return started;
}

/**
 * The queue may lag behind, and of two deliveries of one schedule the later one may come when the
 * backup that the first has started is done.
 */
async function isStillDue(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  now: Date,
): Promise<boolean> {
  const { record: vault } = await requireVault(ledger, vaultId);
  const due = dueWork(vault);
  return due !== null && new Date(due.dueAt) <= now;
}
