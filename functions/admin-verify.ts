import { withoutKind } from '../shared/admin-api/answers.ts';
import type { Services } from '../shared/ports/services.ts';
import { requestVerification } from '../shared/verify/request-verification.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { type AdminHandler, adminHandler } from './http/admin-handler.ts';

/** Admin API: takes requests to verify a snapshot; each runs by itself. */
export function createHandler(services: Services): AdminHandler {
  return adminHandler('admin-verify', services, (services) => ({
    requestVerification: async ({ actor, params, body }) =>
      withoutKind(await requestVerification(services, actor, params, body)),
  }));
}

export const handler = createHandler(awsServices());
