import { writeCheckpoint } from '../shared/audit/write-checkpoint.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Once a day: signs a checkpoint over all audit chains. Decrypts and destroys nothing. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('write-checkpoint', services, anyEvent, (services) =>
    writeCheckpoint(services),
  );
}

export const handler = createHandler(awsServices());
