import { writeCheckpoint } from '../shared/audit/write-checkpoint.ts';
import type { Services } from '../shared/ports/services.ts';
import { renewProofs } from '../shared/proof/renew-proofs.ts';
import { reconcileErased } from '../shared/tombstone/reconcile-erased.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/**
 * Once a day: compares the ledger with the tombstones, signs a checkpoint over all audit chains,
 * and extends the locks of what proves something. Decrypts and destroys nothing.
 */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('write-checkpoint', services, anyEvent, async (services) => {
    const reconciled = await reconcileErased(services);
    const { chains, broken } = await writeCheckpoint(services);
    const renewed = await renewProofs(services);
    return { reconciled, chains, broken, renewed };
  });
}

export const handler = createHandler(awsServices());
