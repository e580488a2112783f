import { restoreKeyPolicies } from '../shared/erasure/restore-key-policies.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { keyPolicyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Gives the keys of a vault their own policy again after somebody changed it. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'restore-key-policies',
    services,
    keyPolicyEvent,
    async (services, { vaultId }) => ({
      vaultId,
      restored: await restoreKeyPolicies(services, vaultId),
    }),
  );
}

export const handler = createHandler(awsServices());
