import type { Services } from '../shared/ports/services.ts';
import { rebuildLedger } from '../shared/rebuild/rebuild-ledger.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/** Admin API: rebuilds the ledger from a copy, some vaults with each call. */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-rebuild', services, (services) => ({
    rebuildLedger: async ({ actor, body }) => rebuildLedger(services, actor, body),
  }));
}

export const handler = createHandler(awsServices());
