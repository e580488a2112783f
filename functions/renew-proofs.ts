import type { Services } from '../shared/ports/services.ts';
import { renewProofs } from '../shared/proof/renew-proofs.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { passEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for what is being extended when it begins, and for handing over. */
const RESERVE_MS = 60_000;

/** Once a day: extends the locks of what proves something. Decrypts and signs nothing. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('renew-proofs', services, passEvent, (services, { after }, remainingMs) =>
    renewProofs(services, () => remainingMs() > RESERVE_MS, after),
  );
}

export const handler = createHandler(awsServices());
