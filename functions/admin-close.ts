import { presentClient, summarizeVault, withoutKind } from '../shared/admin-api/answers.ts';
import { closeClient } from '../shared/closing/close-client.ts';
import { closeVault } from '../shared/closing/close-vault.ts';
import { confirmHandover } from '../shared/closing/confirm-handover.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/** Admin API: closes vaults and clients, and takes the confirmation of a handover. */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-close', services, (services) => ({
    closeVault: async ({ actor, params, body }) =>
      summarizeVault(await closeVault(services, actor, params.vaultId, body)),
    closeClient: async ({ actor, params, body }) =>
      presentClient(await closeClient(services, actor, params.clientId, body)),
    confirmHandover: async ({ actor, params, body }) =>
      withoutKind(await confirmHandover(services, actor, params.vaultId, body)),
  }));
}

export const handler = createHandler(awsServices());
