import type { Services } from '../shared/ports/services.ts';
import { reconcileErased } from '../shared/tombstone/reconcile-erased.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { comparisonEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for the vaults that are being compared when it begins, and for handing over. */
const RESERVE_MS = 60_000;

/**
 * Once a day, and when a ledger was restored: compares the ledger with the tombstones in both
 * copies. Destroys nothing.
 */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'compare-tombstones',
    services,
    comparisonEvent,
    (services, from, remainingMs) =>
      reconcileErased(services, () => remainingMs() > RESERVE_MS, from),
  );
}

export const handler = createHandler(awsServices());
