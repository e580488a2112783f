import { describe, expect, test } from 'vitest';
import { createHandler as createBackup } from '../../functions/admin-backup.ts';
import { createHandler as createClose } from '../../functions/admin-close.ts';
import { createHandler as createExport } from '../../functions/admin-export.ts';
import { createHandler as createGovern } from '../../functions/admin-govern.ts';
import { createHandler as createPush } from '../../functions/admin-push.ts';
import { createHandler as createQuery } from '../../functions/admin-query.ts';
import { createHandler as createRebuild } from '../../functions/admin-rebuild.ts';
import { createHandler as createRegister } from '../../functions/admin-register.ts';
import { createHandler as createRestore } from '../../functions/admin-restore.ts';
import { createHandler as createVerify } from '../../functions/admin-verify.ts';
import { ROUTE_INPUTS } from '../../shared/admin-api/route-inputs.ts';
import { ROUTES, type RouteName } from '../../shared/admin-api/routes.ts';
import { memoryServices } from '../support/memory-services.ts';
import { httpRequest, opened } from './http-fixture.ts';

const HANDLERS = {
  'admin-register': createRegister,
  'admin-query': createQuery,
  'admin-backup': createBackup,
  'admin-push': createPush,
  'admin-restore': createRestore,
  'admin-verify': createVerify,
  'admin-close': createClose,
  'admin-rebuild': createRebuild,
  'admin-export': createExport,
  'admin-govern': createGovern,
};
const ROUTE_NAMES = Object.keys(ROUTES) as RouteName[];

describe.each(ROUTE_NAMES)('the route %s', (name) => {
  const { handler, method, path } = ROUTES[name];

  test('is answered by the function that the table names', async () => {
    const handle = HANDLERS[handler](memoryServices().services);
    // Found, and refused for lack of an identity: a route that is not found is a 500.
    const answer = opened(await handle(httpRequest(name, { actor: null })));
    expect(answer).toMatchObject({ status: 403, body: { error: 'NOT_AUTHENTICATED' } });
  });

  test('is answered by no other function', async () => {
    for (const [other, create] of Object.entries(HANDLERS)) {
      if (other !== handler) {
        const answer = opened(await create(memoryServices().services)(httpRequest(name)));
        expect(answer.status, other).toBe(500);
      }
    }
  });

  test('takes a body exactly when it changes something', () => {
    const takesBody = ROUTE_INPUTS[name].body.type !== 'undefined';
    expect(takesBody).toBe(method === 'POST');
    expect(path).toMatch(/^(\/[a-z]+|\/\{[a-z]+Id\})+$/);
  });
});
