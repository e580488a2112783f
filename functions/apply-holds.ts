import { applyHolds } from '../shared/holds/apply-holds.ts';
import { applyVaultHolds } from '../shared/holds/apply-vault-holds.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { vaultEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Makes S3's legal holds of one vault, or of every vault that is due, what the ledger asks for. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'apply-holds',
    services,
    vaultEvent,
    async (services, { vaultId }, remainingMs) => {
      if (vaultId === undefined) {
        return applyHolds(services, remainingMs);
      }
      return { vaultId, done: await applyVaultHolds(services, vaultId, remainingMs) };
    },
  );
}

export const handler = createHandler(awsServices());
