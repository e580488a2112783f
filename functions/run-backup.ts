import { runBackupTurn } from '../shared/backup/run-backup.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { runEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/**
 * Backs one vault up, as far as one invocation gets; the step of the state machine that it repeats
 * on named errors, and for as long as the answer is not `done`.
 */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('run-backup', services, runEvent, async (address, remainingMs) => {
    const { vaultId, runId } = address;
    const snapshot = await runBackupTurn(services, address, { remainingMs });
    return { vaultId, runId, snapshotId: snapshot?.snapshotId ?? null, done: snapshot !== null };
  });
}

export const handler = createHandler(awsServices());
