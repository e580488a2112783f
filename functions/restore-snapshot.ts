import type { Services } from '../shared/ports/services.ts';
import { runRestore } from '../shared/restore/run-restore.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { restoreEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Restores to an S3 prefix what `admin-restore` recorded. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('restore-snapshot', services, restoreEvent, async (services, event) => {
    await runRestore(services, event);
    return event;
  });
}

export const handler = createHandler(awsServices());
