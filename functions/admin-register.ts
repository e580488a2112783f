import { presentClient, summarizeVault } from '../shared/admin-api/answers.ts';
import { beginMove } from '../shared/move/begin-move.ts';
import type { Services } from '../shared/ports/services.ts';
import { registerClient } from '../shared/registry/register-client.ts';
import { registerVault } from '../shared/registry/register-vault.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/** Admin API: registers clients and vaults, and begins moves to other keys. */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-register', services, (services) => ({
    addClient: async ({ actor, body }) =>
      presentClient(await registerClient(services, actor, body)),
    addVault: async ({ actor, params, body }) =>
      summarizeVault(await registerVault(services, actor, params.clientId, body)),
    moveVault: async ({ actor, params, body }) =>
      summarizeVault(await beginMove(services, actor, params.vaultId, body.tier)),
  }));
}

export const handler = createHandler(awsServices());
