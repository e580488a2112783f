import { withoutKind } from '../shared/admin-api/answers.ts';
import { approveErasure } from '../shared/erasure/approve-erasure.ts';
import { cancelErasure } from '../shared/erasure/cancel-erasure.ts';
import { requestErasure } from '../shared/erasure/request-erasure.ts';
import { placeHold } from '../shared/holds/place-hold.ts';
import { releaseHold } from '../shared/holds/release-hold.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/** Admin API: erasures and legal holds. */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-govern', services, {
    requestErasure: async ({ actor, params, body }) =>
      withoutKind(await requestErasure(services, actor, params.vaultId, body)),
    approveErasure: async ({ actor, params, body }) =>
      withoutKind(await approveErasure(services, actor, params.vaultId, body)),
    cancelErasure: async ({ actor, params, body }) =>
      withoutKind(await cancelErasure(services, actor, params.vaultId, body)),
    placeHold: async ({ actor, params, body }) =>
      withoutKind(await placeHold(services, actor, params.vaultId, body)),
    releaseHold: async ({ actor, params }) =>
      withoutKind(await releaseHold(services, actor, params.vaultId, params.holdId)),
  });
}

export const handler = createHandler(awsServices());
