import { withoutKind } from '../shared/admin-api/answers.ts';
import type { Services } from '../shared/ports/services.ts';
import { requestRestore } from '../shared/restore/request-restore.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/** Admin API: takes restore requests; one to a folder is answered with the plan to run it by. */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-restore', services, (services) => ({
    requestRestore: async ({ actor, params, body }) => {
      const { restore, plan } = await requestRestore(services, actor, params.vaultId, body);
      return {
        restore: withoutKind(restore),
        plan: restore.target.kind === 'folder' ? plan : null,
        installation: services.installation,
      };
    },
  }));
}

export const handler = createHandler(awsServices());
