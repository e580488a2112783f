import { recordBackupFailure } from '../shared/backup/record-backup-failure.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { failureEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Records that a run gave up after its retries. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'record-backup-failure',
    services,
    failureEvent,
    async (services, failure) => {
      await recordBackupFailure(services, failure);
      return { vaultId: failure.vaultId, runId: failure.runId, code: failure.error };
    },
  );
}

export const handler = createHandler(awsServices());
