import { presentSnapshot, withoutKind } from '../shared/admin-api/answers.ts';
import type { Services } from '../shared/ports/services.ts';
import { abandonPush } from '../shared/push/abandon-push.ts';
import { beginPush } from '../shared/push/begin-push.ts';
import { commitPush } from '../shared/push/commit-push.ts';
import { renewPush } from '../shared/push/renew-push.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/** Admin API: begins pushes of folders, examines what they write, and commits them. */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-push', services, (services) => ({
    beginPush: async ({ actor, params }) => beginPush(services, actor, params.vaultId),
    renewPush: async ({ params, body }) => renewPush(services, params, body),
    commitPush: async ({ actor, params, body }) =>
      presentSnapshot(await commitPush(services, actor, params, body)),
    abandonPush: async ({ actor, params, body }) =>
      withoutKind(await abandonPush(services, actor, params, body.failure)),
  }));
}

export const handler = createHandler(awsServices());
