import type { Services } from '../shared/ports/services.ts';
import { checkProtection } from '../shared/protection/check-protection.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for the vaults behind one whose locks take long to ask after. */
const RESERVE_MS = 120_000;

/** Asks S3 whether kept snapshots are present and locked in both copies, and reports metrics. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'check-protection',
    services,
    anyEvent,
    async (services, _event, remainingMs) => ({
      ...(await checkProtection(services, () => remainingMs() > RESERVE_MS)),
    }),
  );
}

export const handler = createHandler(awsServices());
