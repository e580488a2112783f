import type { Services } from '../shared/ports/services.ts';
import { rebuildLedger } from '../shared/rebuild/rebuild-ledger.ts';
import { reconcileLedger } from '../shared/tombstone/reconcile-ledger.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/**
 * Admin API: rebuilds the ledger from a copy, some vaults with each call, and has it compared with
 * the tombstones.
 */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-rebuild', services, (services) => ({
    rebuildLedger: async ({ actor, body }) => rebuildLedger(services, actor, body),
    reconcileLedger: async () => reconcileLedger(services),
  }));
}

export const handler = createHandler(awsServices());
