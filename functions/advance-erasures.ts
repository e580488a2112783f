import { advanceDueErasures, advanceErasure } from '../shared/erasure/advance-erasure.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { eraserEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/**
 * Takes the next steps of one vault's erasure, or of every erasure that is due; enables the keys of
 * a vault that nobody erases when it is asked to.
 */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'advance-erasures',
    services,
    eraserEvent,
    async (services, { vaultId, restore }) => {
      if (vaultId === undefined) {
        return { advanced: await advanceDueErasures(services) };
      }
      await advanceErasure(services, vaultId, { restore: restore === 'keys' });
      return { vaultId };
    },
  );
}

export const handler = createHandler(awsServices());
