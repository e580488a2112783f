import type { Services } from '../shared/ports/services.ts';
import { renewLocks } from '../shared/retention/renew-locks.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { passEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for what is being extended when it begins, for recording it and for handing over. */
const RESERVE_MS = 60_000;

/** Extends the locks of what kept snapshots need, in both copies of every vault. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('renew-locks', services, passEvent, (services, { after }, remainingMs) =>
    renewLocks(services, () => remainingMs() > RESERVE_MS, after),
  );
}

export const handler = createHandler(awsServices());
