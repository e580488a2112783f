import { expect, test } from 'vitest';
import { createHandler as createGovern } from '../../functions/admin-govern.ts';
import { createHandler as createQuery } from '../../functions/admin-query.ts';
import type { RouteName } from '../../shared/admin-api/routes.ts';
import { memoryServices } from '../support/memory-services.ts';
import { samplePolicy } from '../support/sample-records.ts';
import { httpRequest, opened } from './http-fixture.ts';

const { document } = samplePolicy('own', 1);
const LONG = { ...document, lock: { ...document.lock, horizonDays: 380 } };

function api() {
  const { services } = memoryServices();
  const [govern, query] = [createGovern(services), createQuery(services)];
  return async (route: RouteName, parts: Parameters<typeof httpRequest>[1]) => {
    const handle = route.startsWith('show') || route.startsWith('list') ? query : govern;
    return opened(await handle(httpRequest(route, parts)));
  };
}

test('a policy is added, approved by another person and shown with both', async () => {
  const ask = api();
  const params = { policyId: 'own' };
  const added = await ask('addPolicy', { body: { document: LONG } });
  expect(added).toMatchObject({ status: 200, body: { approval: 'awaited', version: 1 } });
  expect(added.body).not.toHaveProperty('document');
  const own = await ask('approvePolicy', { params, body: { version: 1 } });
  expect(own).toMatchObject({ status: 403, body: { error: 'OWN_POLICY' } });
  const actor = 'arn:aws:iam::111122223333:user/supervisor';
  const approved = await ask('approvePolicy', { params, body: { version: 1 }, actor });
  expect(approved).toMatchObject({ status: 200, body: { approval: 'given', approvedBy: actor } });
  const shown = await ask('showPolicy', { params, query: { version: '1' } });
  expect(shown.body).toMatchObject({ policy: LONG, added: approved.body });
  const missing = await ask('showPolicy', { params, query: { version: '2' } });
  expect(missing).toMatchObject({ status: 404, body: { error: 'POLICY_UNKNOWN' } });
});

test.each([
  ['an unknown field', { ...document, keepYears: 3 }, 'document has unknown fields: keepYears'],
  ['a field that is wrong', { ...document, lingerDays: 0 }, 'document.lingerDays must be at least'],
  [
    'fields that do not fit together',
    { ...document, lock: { ...document.lock, minimumDays: 91 } },
    'document.lock.minimumDays must not be more than horizonDays',
  ],
])('a document with %s is refused by its field', async (_what, wrong, problem) => {
  const answer = await api()('addPolicy', { body: { document: wrong } });
  expect(answer).toMatchObject({ status: 400, body: { error: 'INPUT_INVALID' } });
  expect(answer.body.message).toContain(problem);
});
