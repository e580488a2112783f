import { confirmDueErasures, confirmErasure } from '../shared/erasure/confirm-erasure.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { dueEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for the probes that are being tried, and for handing over. */
const RESERVE_MS = 60_000;

/**
 * Tries to open the probes of one vault whose keys are destroyed, or of all that are, and closes
 * their erasures; lets them be certified at once.
 */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'confirm-erasures',
    services,
    dueEvent,
    async (services, event, remainingMs) => {
      const hasTime = () => remainingMs() > RESERVE_MS;
      const isOne = 'vaultId' in event;
      const confirmed = isOne
        ? Number((await confirmErasure(services, event.vaultId)) !== null)
        : await confirmDueErasures(services, { ...event, hasTime });
      if (confirmed > 0) {
        await services.pipeline.certifyErasures(isOne ? event : { after: '' });
      }
      return { confirmed };
    },
  );
}

export const handler = createHandler(awsServices());
