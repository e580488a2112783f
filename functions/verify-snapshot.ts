import type { Services } from '../shared/ports/services.ts';
import { verifySnapshot } from '../shared/verify/verify-snapshot.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { verificationEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for recording how far it came, and for starting the next invocation. */
const RESERVE_MS = 30_000;

/** Verifies a snapshot in both copies, as `admin-verify` recorded it. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'verify-snapshot',
    services,
    verificationEvent,
    async (services, event, remainingMs) => {
      const { state } = await verifySnapshot(services, event, () => remainingMs() > RESERVE_MS);
      return { ...event, state };
    },
  );
}

export const handler = createHandler(awsServices());
