import { presentVersion, summarizeVault, withoutKind } from '../shared/admin-api/answers.ts';
import { approveErasure } from '../shared/erasure/approve-erasure.ts';
import { cancelErasure } from '../shared/erasure/cancel-erasure.ts';
import { requestErasure } from '../shared/erasure/request-erasure.ts';
import { approveClientRelease, approveRelease } from '../shared/holds/approve-release.ts';
import { placeClientHold, placeHold } from '../shared/holds/place-hold.ts';
import { requestClientRelease, requestRelease } from '../shared/holds/request-release.ts';
import { addPolicy } from '../shared/policies/add-policy.ts';
import { approvePolicy } from '../shared/policies/approve-policy.ts';
import { assignPolicy } from '../shared/policies/assign-policy.ts';
import type { Services } from '../shared/ports/services.ts';
import { showChangedHold } from '../shared/queries/show-hold.ts';
import { requestSweep } from '../shared/retention/request-sweep.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/** Admin API: policies, erasures and legal holds. */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-govern', services, (services) => ({
    requestErasure: async ({ actor, params, body }) =>
      withoutKind(await requestErasure(services, actor, params.vaultId, body)),
    approveErasure: async ({ actor, params, body }) =>
      withoutKind(await approveErasure(services, actor, params.vaultId, body)),
    cancelErasure: async ({ actor, params, body }) =>
      withoutKind(await cancelErasure(services, actor, params.vaultId, body)),
    addPolicy: async ({ actor, body }) =>
      presentVersion(await addPolicy(services, actor, body.document)),
    approvePolicy: async ({ actor, params, body }) =>
      presentVersion(await approvePolicy(services, actor, params.policyId, body)),
    assignPolicy: async ({ actor, params, body }) =>
      summarizeVault(await assignPolicy(services, actor, params.vaultId, body)),
    requestSweep: async ({ actor, params, body }) =>
      requestSweep(services, actor, params.vaultId, body.confirm),
    placeHold: async ({ actor, params, body }) =>
      showChangedHold(services, await placeHold(services, actor, params.vaultId, body)),
    requestRelease: async ({ actor, params, body }) =>
      showChangedHold(services, await requestRelease(services, actor, params, body)),
    approveRelease: async ({ actor, params }) =>
      showChangedHold(services, await approveRelease(services, actor, params)),
    placeClientHold: async ({ actor, params, body }) =>
      withoutKind(await placeClientHold(services, actor, params.clientId, body)),
    requestClientRelease: async ({ actor, params, body }) =>
      withoutKind(await requestClientRelease(services, actor, params, body)),
    approveClientRelease: async ({ actor, params }) =>
      withoutKind(await approveClientRelease(services, actor, params)),
  }));
}

export const handler = createHandler(awsServices());
