import { isFault } from '../domain/errors.ts';
import type { Services } from '../ports/services.ts';
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
  for await (const vaultId of services.ledger.due('backup', services.clock.now())) {
    try {
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
