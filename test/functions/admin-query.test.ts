import { describe, expect, test } from 'vitest';
import { createHandler as createGovern } from '../../functions/admin-govern.ts';
import { createHandler as createQuery } from '../../functions/admin-query.ts';
import { createHandler as createRegister } from '../../functions/admin-register.ts';
import type { RouteName } from '../../shared/admin-api/routes.ts';
import { withAuditEntry } from '../../shared/domain/audit-chain.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import { BUILT_IN_POLICIES, findBuiltIn } from '../../shared/domain/policy.ts';
import { memoryServices } from '../support/memory-services.ts';
import { httpRequest, OPERATOR, opened, SUPERVISOR } from './http-fixture.ts';

const SOURCE = { kind: 's3' as const, bucket: 'firm-records', prefix: 'clients/1/' };
const NOBODY = '01KB1T7Q8ZJ4Y6V3N5M2X9W0RC';

type Parts = Parameters<typeof httpRequest>[1];

/** An installation with one client and one vault, and a way to call its API. */
async function setup() {
  const memory = memoryServices();
  const { services } = memory;
  const ask = async (route: RouteName, parts?: Parts) =>
    opened(await createQuery(services)(httpRequest(route, parts)));
  const register = async (route: RouteName, parts?: Parts) =>
    opened(await createRegister(services)(httpRequest(route, parts))).body;
  const govern = async (route: RouteName, parts?: Parts) =>
    opened(await createGovern(services)(httpRequest(route, parts)));
  const { clientId } = await register('addClient', { body: { name: '莲花', reference: 'C-1' } });
  const body = { recordClass: 'books', policyId: 'consent-only', source: SOURCE };
  const { vaultId } = await register('addVault', { params: { clientId }, body });
  return { memory, ask, register, govern, clientId, vaultId };
}

describe('clients', () => {
  test('are answered with name and reference, without how the ledger keeps them', async () => {
    const { ask, clientId } = await setup();
    expect(await ask('listClients')).toEqual({
      status: 200,
      body: {
        clients: [
          {
            clientId,
            name: '莲花',
            reference: 'C-1',
            registeredAt: expect.any(String),
            registeredBy: OPERATOR,
            closing: null,
          },
        ],
        next: null,
      },
    });
  });

  test('come in pages that together are all of them, once', async () => {
    const { ask, register } = await setup();
    for (const number of [2, 3, 4, 5]) {
      await register('addClient', { body: { name: `Client ${number}`, reference: `C-${number}` } });
    }
    const seen: string[] = [];
    let after: string | null = null;
    let pages = 0;
    do {
      const query: Record<string, string> = after === null ? {} : { after };
      const { body } = await ask('listClients', { query: { limit: '2', ...query } });
      seen.push(...body.clients.map((client: { reference: string }) => client.reference));
      after = body.next;
      pages += 1;
    } while (after !== null);
    expect(seen).toEqual(['C-1', 'C-2', 'C-3', 'C-4', 'C-5']);
    expect(pages).toBe(3);
  });

  test.each(['0', '1001', 'all', '1.5'])('are not answered for a limit of %s', async (limit) => {
    const { ask } = await setup();
    const { status, body } = await ask('listClients', { query: { limit } });
    expect(status).toBe(400);
    expect(body.message).toContain('limit');
  });
});

describe('a vault', () => {
  test('is listed under its client', async () => {
    const { ask, clientId, vaultId } = await setup();
    const { body } = await ask('listVaults', { params: { clientId } });
    expect(body.vaults).toMatchObject([{ vaultId, recordClass: 'books', state: 'ACTIVE' }]);
    expect(body.vaults[0]).toMatchObject({
      holds: 0,
      source: { ...SOURCE, region: 'eu-central-1' },
    });
  });

  test('is shown with its policy and what the key service says of its keys', async () => {
    const { ask, vaultId } = await setup();
    const { body } = await ask('showVault', { params: { vaultId } });
    expect(body.policy).toEqual(BUILT_IN_POLICIES.find(({ id }) => id === 'consent-only'));
    expect(body.keys).toMatchObject({
      primary: { arn: expect.stringContaining('eu-central-1'), state: 'Enabled' },
      secondary: { arn: expect.stringContaining('eu-west-1'), state: 'Enabled' },
    });
    expect(body).toMatchObject({ holds: [], erasure: null, auditEntries: 1 });
  });

  test('says when the day has passed by which its law was to be looked at again', async () => {
    const { ask, vaultId, memory } = await setup();
    const params = { vaultId };
    expect((await ask('showVault', { params })).body.reviewOverdue).toBe(false);
    await memory.clock.moveTo(new Date('2027-11-24T00:00:00Z'));
    expect((await ask('showVault', { params })).body.reviewOverdue).toBe(true);
  });

  test('is never answered with its probe ciphertexts', async () => {
    const { ask, clientId, vaultId } = await setup();
    const shown = await ask('showVault', { params: { vaultId } });
    const listed = await ask('listVaults', { params: { clientId } });
    expect(JSON.stringify([shown, listed])).not.toContain('probes');
  });

  test('has unknown keys when the key service does not answer', async () => {
    const { memory, vaultId } = await setup();
    const custody = {
      ...memory.services.custody,
      states: () => Promise.reject(new HoldfastError('KEYS_UNAVAILABLE', { vaultId })),
    };
    const handle = createQuery({ ...memory.services, custody });
    const { status, body } = opened(
      await handle(httpRequest('showVault', { params: { vaultId } })),
    );
    expect(status).toBe(200);
    expect(body.keys.primary).toMatchObject({ state: 'Unknown', deletionDate: null });
  });

  test('is shown with the holds in force, while all holds stay listed', async () => {
    const { ask, govern, vaultId } = await setup();
    const body = { reason: 'tax audit', reference: '2026-118' };
    const params = { vaultId };
    const first = await govern('placeHold', { params, body });
    const second = await govern('placeHold', { params, body });
    const release = { vaultId, holdId: first.body.holdId };
    await govern('requestRelease', { params: release, body: { reason: 'closed' } });
    const by = { params: release, body: {}, actor: SUPERVISOR };
    const left = { holdId: first.body.holdId, vaultHolds: 1, erasureBegun: null };
    expect((await govern('approveRelease', by)).body).toMatchObject(left);
    const shown = await ask('showVault', { params });
    expect(shown.body.holds.map((hold: { holdId: string }) => hold.holdId)).toEqual([
      second.body.holdId,
    ]);
    const listed = await ask('listHolds', { params });
    expect(listed.body.holds).toHaveLength(2);
  });
});

describe('what does not exist', () => {
  const unknown: [RouteName, Record<string, string>, string][] = [
    ['listVaults', { clientId: NOBODY }, 'CLIENT_UNKNOWN'],
    ['showVault', { vaultId: NOBODY }, 'VAULT_UNKNOWN'],
    ['listSnapshots', { vaultId: NOBODY }, 'VAULT_UNKNOWN'],
    ['listHolds', { vaultId: NOBODY }, 'VAULT_UNKNOWN'],
    ['showAudit', { chainId: NOBODY }, 'CHAIN_UNKNOWN'],
    ['showErasure', { vaultId: NOBODY }, 'VAULT_UNKNOWN'],
  ];

  test.each(unknown)('is answered by %s with 404', async (route, params, error) => {
    const { ask } = await setup();
    expect(await ask(route, { params })).toMatchObject({ status: 404, body: { error } });
  });

  const unknownInVault: [RouteName, Record<string, string>, string][] = [
    ['showBackup', { runId: NOBODY }, 'RUN_UNKNOWN'],
    ['showSnapshot', { snapshotId: NOBODY }, 'SNAPSHOT_UNKNOWN'],
    ['showRestore', { restoreId: NOBODY }, 'RESTORE_UNKNOWN'],
    ['showErasure', {}, 'NO_ERASURE'],
  ];

  test.each(unknownInVault)('in a vault is answered by %s with 404', async (route, ids, error) => {
    const { ask, vaultId } = await setup();
    const answer = await ask(route, { params: { vaultId, ...ids } });
    expect(answer).toMatchObject({ status: 404, body: { error } });
  });
});

test('an erasure is shown as it was requested', async () => {
  const { ask, govern, vaultId } = await setup();
  const params = { vaultId };
  const requested = await govern('requestErasure', {
    params,
    body: { reason: 'contract ended', contractEnded: true },
  });
  const { body } = await ask('showErasure', { params });
  expect(body).toEqual({ ...(requested.body as object), holds: [] });
  expect(body).toMatchObject({ state: 'REQUESTED', requestedBy: OPERATOR, approvals: [] });
  expect(body).not.toHaveProperty('kind');
});

test('an erasure under way is shown with the hold that suspends it, and the reverse', async () => {
  const { ask, govern, vaultId } = await setup();
  const params = { vaultId };
  const request = { reason: 'contract ended', contractEnded: true };
  const { body } = await govern('requestErasure', { params, body: request });
  const { erasureId, plan } = body;
  const approval = { erasureId, planHash: plan.hash };
  await govern('approveErasure', { params, body: approval, actor: SUPERVISOR });
  const terms = { reason: 'tax audit', reference: '2026-118' };
  const held = (await govern('placeHold', { params, body: terms })).body;
  expect(held).toMatchObject({ vaultHolds: 1, erasureBegun: erasureId });
  expect((await ask('showErasure', { params })).body.holds).toEqual([held.holdId]);
});

test('an erasure cannot be approved by whoever requested it', async () => {
  const { govern, vaultId } = await setup();
  const params = { vaultId };
  const { body: erasure } = await govern('requestErasure', {
    params,
    body: { reason: 'R', contractEnded: true },
  });
  const body = { erasureId: erasure.erasureId, planHash: erasure.plan.hash };
  const own = await govern('approveErasure', { params, body });
  expect(own).toMatchObject({ status: 403, body: { error: 'OWN_REQUEST' } });
  const other = await govern('approveErasure', { params, body, actor: SUPERVISOR });
  expect(other).toMatchObject({ status: 200, body: { approvals: [{ by: SUPERVISOR }] } });
});

test('the policies are those that this version ships, by their ids', async () => {
  const { ask } = await setup();
  const { policies } = (await ask('listPolicies')).body;
  expect(policies).toHaveLength(BUILT_IN_POLICIES.length);
  expect(policies).toEqual(
    ['accounting-30y', 'consent-only', 'engagement-10y'].map((id) => {
      return { ...findBuiltIn(id), added: null, reviewOverdue: false };
    }),
  );
});

describe('the audit chain', () => {
  async function withEntries(count: number) {
    const made = await setup();
    const body = { reason: 'R', reference: 'X' };
    for (let number = 1; number < count; number += 1) {
      await made.govern('placeHold', { params: { vaultId: made.vaultId }, body });
    }
    return made;
  }

  test('is shown oldest first, and is whole', async () => {
    const { ask, vaultId } = await withEntries(3);
    const { body } = await ask('showAudit', { params: { chainId: vaultId } });
    expect(body.entries.map((entry: { action: string }) => entry.action)).toEqual([
      'vault.registered',
      'hold.placed',
      'hold.placed',
    ]);
    expect(body).toMatchObject({
      next: null,
      chain: { whole: true, entries: 3, brokenAt: null, problem: null },
    });
  });

  test('comes in pages, and each is checked with the entry before it', async () => {
    const { ask, vaultId } = await withEntries(3);
    const params = { chainId: vaultId };
    const first = (await ask('showAudit', { params, query: { limit: '2' } })).body;
    expect(first).toMatchObject({ next: 2, chain: { whole: true, entries: 3 } });
    const query = { limit: '2', after: String(first.next) };
    const last = (await ask('showAudit', { params, query })).body;
    expect(last.entries.map((entry: { sequence: number }) => entry.sequence)).toEqual([3]);
    expect(last).toMatchObject({ next: null, chain: { whole: true, entries: 3 } });
  });

  test('is reported broken at the entry that someone changed', async () => {
    const { ask, memory, vaultId } = await withEntries(3);
    const second = await memory.ledger.get('audit', vaultId, 2);
    const record = { ...second?.record, actor: SUPERVISOR } as never;
    await memory.ledger.write([{ record, expect: second?.version ?? 'absent' }]);
    const { status, body } = await ask('showAudit', { params: { chainId: vaultId } });
    expect(status).toBe(200);
    expect(body.chain).toMatchObject({ whole: false, entries: 3, brokenAt: 2, problem: 'changed' });
  });

  test('is reported broken on the page that has what is wrong, and on no other', async () => {
    const { ask, memory, vaultId } = await withEntries(6);
    const second = await memory.ledger.get('audit', vaultId, 2);
    const record = { ...second?.record, hash: 'ab'.repeat(32) } as never;
    await memory.ledger.write([{ record, expect: second?.version ?? 'absent' }]);
    memory.ledger.lose('audit', vaultId, 6);
    const chains = [];
    for (const after of ['0', '2', '3', '4', '9']) {
      const query = { limit: '2', after };
      const { body } = await ask('showAudit', { params: { chainId: vaultId }, query });
      chains.push([body.chain.brokenAt, body.chain.problem, body.next]);
    }
    expect(chains).toEqual([
      [2, 'changed', 2],
      // The entry before the page is not the one that its first entry names.
      [3, 'changed', 4],
      [null, null, 5],
      [6, 'truncated', null],
      [6, 'missing', null],
    ]);
  });

  test('is not reported broken by an entry that is written while it is read', async () => {
    const { memory, vaultId } = await withEntries(1);
    const { services } = memory;
    const list = async function* (...args: Parameters<typeof services.ledger.list>) {
      const stored = await services.ledger.get('vault', vaultId);
      const event = { at: services.clock.now(), actor: 'a', action: 'b', details: {} };
      const { owner: vault, entry } = withAuditEntry(stored?.record as never, event);
      await services.ledger.write([
        { record: vault, expect: stored?.version ?? 'absent' },
        { record: entry, expect: 'absent' },
      ]);
      yield* services.ledger.list(...args);
    } as typeof services.ledger.list;
    const get = services.ledger.get.bind(services.ledger);
    const handle = createQuery({ ...services, ledger: { ...services.ledger, get, list } });
    const { body } = opened(
      await handle(httpRequest('showAudit', { params: { chainId: vaultId } })),
    );
    expect(body.chain).toMatchObject({ whole: true, entries: 1, brokenAt: null, problem: null });
  });
});
