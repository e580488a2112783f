import { startDueBackups } from '../shared/backup/start-due-backups.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Starts a backup of every vault that is due. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('schedule-backups', services, anyEvent, async (services) => ({
    started: await startDueBackups(services),
  }));
}

export const handler = createHandler(awsServices());
