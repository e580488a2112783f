import { moveDueVaults } from '../shared/move/move-due-vaults.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Writes vaults that are moved to other keys anew under them, in both copies. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'move-vaults',
    services,
    anyEvent,
    async (services, _event, remainingMs) => ({
      moved: await moveDueVaults(services, remainingMs),
    }),
  );
}

export const handler = createHandler(awsServices());
