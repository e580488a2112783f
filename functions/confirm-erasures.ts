import { confirmDueErasures } from '../shared/erasure/confirm-erasure.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/**
 * Tries to open the probes of vaults whose keys are destroyed, and closes their erasures; lets them
 * be certified at once.
 */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('confirm-erasures', services, anyEvent, async (services) => {
    const confirmed = await confirmDueErasures(services);
    if (confirmed > 0) {
      await services.pipeline.certifyErasures();
    }
    return { confirmed };
  });
}

export const handler = createHandler(awsServices());
