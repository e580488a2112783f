import { endRetention } from '../shared/closing/end-retention.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Asks for the erasure of closed vaults whose time has come; people approve. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('end-retention', services, anyEvent, async (services) =>
    endRetention(services),
  );
}

export const handler = createHandler(awsServices());
