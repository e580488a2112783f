import type { Services } from '../shared/ports/services.ts';
import { checkProtection } from '../shared/protection/check-protection.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { passEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for what is being asked when it begins, for recording it and for handing over. */
const RESERVE_MS = 60_000;

/** Asks S3 whether kept snapshots are present and locked in both copies, and reports metrics. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'check-protection',
    services,
    passEvent,
    (services, { after }, remainingMs) =>
      checkProtection(services, () => remainingMs() > RESERVE_MS, after),
  );
}

export const handler = createHandler(awsServices());
