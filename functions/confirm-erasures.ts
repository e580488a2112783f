import { confirmDueErasures } from '../shared/erasure/confirm-erasure.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Tries to open the probes of vaults whose keys are destroyed, and closes their erasures. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('confirm-erasures', services, anyEvent, async () => ({
    confirmed: await confirmDueErasures(services),
  }));
}

export const handler = createHandler(awsServices());
