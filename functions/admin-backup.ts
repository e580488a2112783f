import { withoutKind } from '../shared/admin-api/answers.ts';
import { requestBackup } from '../shared/backup/request-backup.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/** Admin API: starts backups by hand. */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-backup', services, (services) => ({
    runBackup: async ({ actor, params }) =>
      withoutKind(await requestBackup(services, actor, params.vaultId)),
  }));
}

export const handler = createHandler(awsServices());
