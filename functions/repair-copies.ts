import type { Services } from '../shared/ports/services.ts';
import { repairCopies } from '../shared/repair/repair-copies.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Completes snapshots that lie in one copy only, as far as both copies answer. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'repair-copies',
    services,
    anyEvent,
    async (services, _event, remainingMs) => ({
      ...(await repairCopies(services, remainingMs)),
    }),
  );
}

export const handler = createHandler(awsServices());
