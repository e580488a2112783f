import { runBackup } from '../shared/backup/run-backup.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { runEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Backs one vault up; the step of the state machine that it repeats on named errors. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('run-backup', services, runEvent, async ({ vaultId, runId }) => {
    const { snapshotId } = await runBackup(services, { vaultId, runId });
    return { vaultId, runId, snapshotId };
  });
}

export const handler = createHandler(awsServices());
