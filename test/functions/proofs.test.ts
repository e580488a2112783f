import { beforeAll, describe, expect, test } from 'vitest';
import { createHandler as createGovern } from '../../functions/admin-govern.ts';
import { createHandler as createQuery } from '../../functions/admin-query.ts';
import { createHandler as createRestore } from '../../functions/admin-restore.ts';
import { createHandler as createCertify } from '../../functions/certify-erasures.ts';
import { createHandler as createComparison } from '../../functions/compare-tombstones.ts';
import { createHandler as createRenewal } from '../../functions/renew-proofs.ts';
import { createHandler as createCheckpoint } from '../../functions/write-checkpoint.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { METRICS } from '../../shared/config/metric-names.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { tombstoneKey } from '../../shared/format/object-keys.ts';
import { certifiedVault, erasedVault } from '../support/certified-erasure.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { httpRequest, OPERATOR, opened, SUPERVISOR } from './http-fixture.ts';

describe('certificates over the admin API', () => {
  let living: MemoryServices;
  let vault: Vault;

  beforeAll(async () => {
    living = livingInstallation();
    ({ vault } = await certifiedVault(living));
  });

  const ask = async (
    route: 'listCertificates' | 'showCertificate' | 'showSigningKey',
    params = {},
  ) => opened(await createQuery(living.services)(httpRequest(route, { params })));

  test('are listed, and each can be had with its signature', async () => {
    const { vaultId } = vault;
    const listed = await ask('listCertificates', { vaultId });
    expect(listed.body.certificates).toEqual([
      expect.objectContaining({ vaultId, statement: 'keys-destroyed' }),
    ]);
    const [{ certificateId, payloadSha256 }] = listed.body.certificates;
    const shown = await ask('showCertificate', { vaultId, certificateId });
    const key = await ask('showSigningKey');
    const verified = await verifyCertificate(shown.body.jws, key.body.publicKey);
    expect(verified).toMatchObject({ payloadSha256, keyId: key.body.keyId });
  });

  test('that do not exist are absent', async () => {
    const { vaultId } = vault;
    const { status, body } = await ask('showCertificate', { vaultId, certificateId: vaultId });
    expect([status, body.error]).toEqual([404, 'CERTIFICATE_UNKNOWN']);
  });
});

describe('the functions that prove', () => {
  test('certify what is complete, with the version of the program', async () => {
    const living = livingInstallation();
    const { vault } = await erasedVault(living);
    expect(await createCertify(living.services)({})).toEqual({ issued: 1 });
    const listed = living.ledger.list('certificate', { vaultId: vault.vaultId });
    const [stored] = await Array.fromAsync(listed);
    const publicKey = await living.signing.publicKey();
    const { certificate } = await verifyCertificate(stored?.record.signed?.jws ?? '', publicKey);
    expect(certificate.issuer.tool.version).toBe(packageJson.version);
  });

  test('once a day compare, sign and renew', async () => {
    const living = livingInstallation();
    await certifiedVault(living);
    expect(await createComparison(living.services)({})).toMatchObject({ vaults: 1, reconciled: 0 });
    expect(await createCheckpoint(living.services)({})).toEqual({ chains: 2, broken: 0 });
    let looked = 0;
    // Each proof has one day in ten.
    for (let day = 0; day < 10; day += 1) {
      const renewed = await createRenewal(living.services)({});
      looked += Number(renewed.looked);
      await living.clock.moveDays(1);
    }
    // A certificate, a checkpoint and a tombstone, each in both copies.
    expect(looked).toBe(6);
  });

  test('do not keep each other from their work when a tombstone is none', async () => {
    const living = livingInstallation();
    const { vault } = await certifiedVault(living);
    const other = await registeredVault(living, { policyId: 'consent-only', reference: 'B-2' });
    living.copies.primary.overwrite(tombstoneKey(other.vaultId), Buffer.from('{}'));
    await createCheckpoint(living.services)({});
    const ends = new Set<number | undefined>();
    for (let day = 0; day < 50; day += 1) {
      await living.clock.moveDays(1);
      await expect(createComparison(living.services)({})).rejects.toMatchObject({
        name: 'OBJECT_DAMAGED',
      });
      await createCheckpoint(living.services)({});
      await createRenewal(living.services)({});
      const key = tombstoneKey(vault.vaultId);
      const [listed] = await Array.fromAsync(living.copies.secondary.list(key));
      const state = await living.copies.secondary.inspect(key, listed?.versionId ?? '');
      ends.add(state?.lockedUntil?.getTime());
    }
    expect(ends.size).toBe(2);
    expect(await Array.fromAsync(living.copies.primary.list('checkpoints/'))).toHaveLength(51);
  });
});

describe('the audit chain', () => {
  async function setup() {
    const living = livingInstallation();
    const { vaultId } = await registeredVault(living, { policyId: 'consent-only' });
    const govern = createGovern(living.services);
    const entries = async () => {
      const listed = await Array.fromAsync(living.ledger.list('audit', { chainId: vaultId }));
      return listed.map(({ record }) => record);
    };
    return { living, vaultId, govern, entries };
  }

  test('says which request an entry belongs to', async () => {
    const { vaultId, govern, entries } = await setup();
    const body = { reason: '因劳动争议', reference: 'X-1' };
    await govern(httpRequest('placeHold', { params: { vaultId }, body }));
    expect((await entries()).at(-1)).toMatchObject({
      action: 'hold.placed',
      actor: OPERATOR,
      result: 'done',
      reason: null,
      requestId: 'request-1',
    });
  });

  test('has every attempt at what a rule forbids: who, what, why', async () => {
    const { vaultId, govern, entries } = await setup();
    const asked = { reason: 'R', event: '2010-06-30', contractEnded: true, returned: true };
    const request = httpRequest('requestErasure', { params: { vaultId }, body: asked });
    const { body } = opened(await govern(request));
    const approval = { erasureId: body.erasureId, planHash: body.plan.hash };
    const own = httpRequest('approveErasure', { params: { vaultId }, body: approval });
    expect(opened(await govern(own)).body.error).toBe('OWN_REQUEST');
    expect((await entries()).at(-1)).toMatchObject({
      action: 'request.denied',
      actor: OPERATOR,
      result: 'denied',
      reason: 'OWN_REQUEST',
      requestId: 'request-1',
      details: { route: 'approveErasure' },
    });
  });

  test('has an approval of another plan, and a second request for an erasure', async () => {
    const { vaultId, govern, entries } = await setup();
    const asked = { reason: 'R', event: '2010-06-30', contractEnded: true, returned: true };
    const request = httpRequest('requestErasure', { params: { vaultId }, body: asked });
    const { erasureId } = opened(await govern(request)).body;
    const body = { erasureId, planHash: 'ab'.repeat(32) };
    const stale = httpRequest('approveErasure', { params: { vaultId }, body, actor: SUPERVISOR });
    expect(opened(await govern(stale)).body.error).toBe('PLAN_STALE');
    expect((await entries()).at(-1)).toMatchObject({
      actor: SUPERVISOR,
      result: 'denied',
      reason: 'PLAN_STALE',
    });
    expect(opened(await govern(request)).body.error).toBe('ERASURE_UNDER_WAY');
    expect((await entries()).at(-1)).toMatchObject({ reason: 'ERASURE_UNDER_WAY' });
  });

  test('has each of thirty attempts that are made at once', async () => {
    const { living, vaultId, govern, entries } = await setup();
    const asked = { reason: 'R', event: '2010-06-30', contractEnded: true, returned: true };
    const { body } = opened(
      await govern(httpRequest('requestErasure', { params: { vaultId }, body: asked })),
    );
    const approval = { erasureId: body.erasureId, planHash: body.plan.hash };
    const own = httpRequest('approveErasure', { params: { vaultId }, body: approval });
    const ids = Array.from({ length: 30 }, (_, number) => `attempt-${number}`);
    const withId = (requestId: string) => ({
      ...own,
      requestContext: { ...own.requestContext, requestId },
    });
    await Promise.all(ids.map(async (requestId) => govern(withId(requestId))));
    const denied = (await entries()).filter(({ result }) => result === 'denied');
    expect(denied.map(({ requestId }) => requestId).toSorted()).toEqual(ids.toSorted());
    expect(living.telemetry.eventsNamed('audit.denial-lost')).toEqual([]);
  });

  test('has a restore that was refused because the vault is erased', async () => {
    const { living, vaultId, entries } = await setup();
    const stored = await living.ledger.get('vault', vaultId);
    const record = { ...stored?.record, state: 'ERASED' } as Vault;
    await living.ledger.write([{ record, expect: stored?.version ?? 'absent' }]);
    const restore = createRestore(living.services);
    const body = { target: { kind: 'folder' } };
    await restore(httpRequest('requestRestore', { params: { vaultId }, body, actor: SUPERVISOR }));
    expect((await entries()).at(-1)).toMatchObject({
      actor: SUPERVISOR,
      result: 'denied',
      reason: 'VAULT_UNREADABLE',
      details: { route: 'requestRestore' },
    });
  });

  test('is not filled by questions, mistakes and unknown vaults', async () => {
    const { living, vaultId, govern, entries } = await setup();
    const before = (await entries()).length;
    await govern(httpRequest('placeHold', { params: { vaultId }, body: { reason: '' } }));
    const query = createQuery(living.services);
    await query(httpRequest('showErasure', { params: { vaultId } }));
    const unknown = { vaultId: '01KB1T8R9ZJ4Y6V3N5M2X9W0RC' };
    const answer = await govern(
      httpRequest('placeHold', { params: unknown, body: { reason: 'R', reference: 'X' } }),
    );
    expect(opened(answer).status).toBe(404);
    expect(await entries()).toHaveLength(before);
  });

  test('that cannot be written to does not change the answer', async () => {
    const { living, vaultId } = await setup();
    const ledger = Object.create(living.services.ledger, {
      identity: { value: living.services.ledger.identity.bind(living.services.ledger) },
      get: { value: living.services.ledger.get.bind(living.services.ledger) },
      list: { value: living.services.ledger.list.bind(living.services.ledger) },
      write: { value: () => Promise.reject(new Error('down')) },
    });
    const stored = await living.ledger.get('vault', vaultId);
    const record = { ...stored?.record, state: 'ERASED' } as Vault;
    await living.ledger.write([{ record, expect: stored?.version ?? 'absent' }]);
    const restore = createRestore({ ...living.services, ledger });
    const body = { target: { kind: 'folder' } };
    const answer = await restore(httpRequest('requestRestore', { params: { vaultId }, body }));
    expect(opened(answer).body.error).toBe('VAULT_UNREADABLE');
    expect(living.telemetry.eventsNamed('audit.denial-lost')).toHaveLength(1);
    expect(living.telemetry.total(METRICS.denialLost)).toBe(1);
  });
});
