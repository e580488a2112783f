import { compareKeys } from '../shared/erasure/compare-keys.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { passEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for the vaults that are being looked at, whose keys may have to be put right. */
const RESERVE_MS = 90_000;

/**
 * Compares what KMS says of every vault's keys with what the ledger wants. It switches no key: what
 * is wrong the erasing function puts right.
 */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('compare-keys', services, passEvent, (services, { after }, remainingMs) =>
    compareKeys(services, () => remainingMs() > RESERVE_MS, after),
  );
}

export const handler = createHandler(awsServices());
