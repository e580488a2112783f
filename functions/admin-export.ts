import { signExport } from '../shared/audit/sign-export.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/** Admin API: signs what auditors take away. Writes, decrypts and destroys nothing. */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-export', services, (services) => ({
    exportAudit: async ({ params, query }) => signExport(services, params.chainId, query),
  }));
}

export const handler = createHandler(awsServices());
