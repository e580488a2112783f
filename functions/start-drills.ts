import type { Services } from '../shared/ports/services.ts';
import { startDrills } from '../shared/verify/start-drills.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Starts the drills that are due: the newest snapshot of a vault is read and compared. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('start-drills', services, anyEvent, (services) => startDrills(services));
}

export const handler = createHandler(awsServices());
