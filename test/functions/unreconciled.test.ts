import { describe, expect, test } from 'vitest';
import { createHandler as createGovern } from '../../functions/admin-govern.ts';
import { createHandler as createQuery } from '../../functions/admin-query.ts';
import { createHandler as createRebuild } from '../../functions/admin-rebuild.ts';
import { createHandler as createRegister } from '../../functions/admin-register.ts';
import { createHandler as createVerify } from '../../functions/admin-verify.ts';
import { createHandler as createComparison } from '../../functions/compare-tombstones.ts';
import type { WorkerHandler } from '../../functions/events/worker-handler.ts';
import { createHandler as createRenewal } from '../../functions/renew-locks.ts';
import { createHandler as createRepair } from '../../functions/repair-copies.ts';
import { createHandler as createSchedule } from '../../functions/schedule-backups.ts';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import type { Services } from '../../shared/ports/services.ts';
import { reconcileErased } from '../../shared/tombstone/reconcile-erased.ts';
import { requireReconciled } from '../../shared/tombstone/require-reconciled.ts';
import { backUp } from '../support/backed-up-vault.ts';
import { TOOL_VERSION } from '../support/certified-erasure.ts';
import { approved } from '../support/erasing.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';
import { memoryServices } from '../support/memory-services.ts';
import { withLedger } from '../support/put-back-ledger.ts';
import { httpRequest, opened } from './http-fixture.ts';

const HANDLERS = {
  addClient: createRegister,
  placeHold: createGovern,
  requestErasure: createGovern,
  requestVerification: createVerify,
  rebuildLedger: createRebuild,
  reconcileLedger: createRebuild,
  showLedger: createQuery,
  showVault: createQuery,
} as const;

const DAILY: readonly ((services: Services) => WorkerHandler)[] = [
  createRenewal,
  createRepair,
  createSchedule,
];

const always = () => true;

async function ask(
  services: Services,
  route: keyof typeof HANDLERS,
  parts: Parameters<typeof httpRequest>[1] = {},
) {
  const { status, body } = opened(await HANDLERS[route](services)(httpRequest(route, parts)));
  return { status, body, error: body.error as string | undefined };
}

/** A vault that was erased, one that lives, and the ledger of before, to which both live. */
async function afterErasure() {
  const living = livingInstallation();
  const erased = await registeredVault(living, { policyId: 'consent-only' });
  const kept = await registeredVault(living, { policyId: 'consent-only', reference: 'B-2' });
  const { snapshotId } = await backUp(living, erased);
  const yesterday = living.ledger.copy();
  await approved(living, erased);
  await advanceDueErasures(living.services);
  await living.clock.moveDays(8);
  await confirmDueErasures(living.services);
  await certifyDueErasures(living.services, TOOL_VERSION);
  const restored = withLedger(living, yesterday);
  living.pipeline.wire({
    comparison: async (from) => {
      await createComparison(restored.services)(from);
    },
  });
  return { living, restored, erased, kept, snapshotId };
}

const CHAIN = { chainId: 'installation' };
const HOLD = { reason: 'lawsuit', reference: '2026-17' };
const REQUEST = { reason: 'asked', event: '2010-06-30', contractEnded: true, returned: true };

describe('a ledger that was restored to before an erasure', () => {
  test('serves nothing until it was compared, and is left as it is', async () => {
    const { restored, erased, kept, snapshotId } = await afterErasure();
    const { services, ledger } = restored;
    const [records, vaultId] = [ledger.records(), erased.vaultId];
    const refused = await Promise.all([
      ask(services, 'addClient', { body: { name: 'N', reference: 'C-3' } }),
      ask(services, 'placeHold', { params: { vaultId }, body: HOLD }),
      ask(services, 'placeHold', { params: { vaultId: kept.vaultId }, body: HOLD }),
      ask(services, 'requestErasure', { params: { vaultId }, body: REQUEST }),
      ask(services, 'requestVerification', { params: { vaultId, snapshotId }, body: {} }),
    ]);
    expect(refused.map(({ status, error }) => [status, error])).toEqual(
      refused.map(() => [409, 'LEDGER_UNRECONCILED']),
    );
    for (const create of DAILY) {
      await expect(create(services)({})).rejects.toMatchObject({ code: 'LEDGER_UNRECONCILED' });
    }
    expect(ledger.records()).toEqual(records);
  });

  test('is shown meanwhile, and serves once it knows what was erased', async () => {
    const { restored, erased, kept } = await afterErasure();
    const { services } = restored;
    const params = { vaultId: erased.vaultId };
    expect(await ask(services, 'showLedger')).toMatchObject({ body: { isReconciled: false } });
    expect((await ask(services, 'showVault', { params })).body.state).toBe('ACTIVE');
    const rebuild = await ask(services, 'rebuildLedger', { body: { from: 'primary' } });
    expect(rebuild.status).toBe(200);
    expect(await ask(services, 'showLedger')).toMatchObject({ body: { isReconciled: false } });

    expect(await ask(services, 'reconcileLedger', { body: {} })).toMatchObject({
      status: 200,
      body: { isReconciled: true },
    });
    expect((await ask(services, 'showVault', { params })).body.state).toBe('ERASED');
    for (const create of DAILY) {
      await create(services)({});
    }
    const held = { params: { vaultId: kept.vaultId }, body: HOLD };
    expect((await ask(services, 'placeHold', held)).status).toBe(200);
    const chain = await Array.fromAsync(services.ledger.list('audit', CHAIN));
    expect(chain.map(({ record }) => record.action)).toContain('ledger.reconciled');
  });

  test('stays refused while a vault cannot be compared', async () => {
    const { living, restored } = await afterErasure();
    for (const copy of COPY_NAMES) {
      living.copies[copy].available = false;
    }
    await expect(createComparison(restored.services)({})).rejects.toMatchObject({
      code: 'COPY_UNAVAILABLE',
    });
    await expect(createRenewal(restored.services)({})).rejects.toMatchObject({
      code: 'LEDGER_UNRECONCILED',
    });
  });
});

describe('a comparison that was handed over', () => {
  const rest = { after: '7ZZZZZZZZZZZZZZZZZZZZZZZZZ' };

  test('reconciles the ledger in which it began', async () => {
    const { restored } = await afterErasure();
    const begunIn = await restored.ledger.identity();
    await reconcileErased(restored.services, always, { ...rest, begunIn });
    await expect(requireReconciled(restored.services)).resolves.toBeUndefined();
  });

  test('forgets where it began once it has failed with a vault', async () => {
    const { living, restored } = await afterErasure();
    for (let index = 0; index < 20; index += 1) {
      await registeredVault(restored, { policyId: 'consent-only', reference: `D-${index}` });
    }
    for (const copy of COPY_NAMES) {
      living.copies[copy].available = false;
    }
    let left = 12;
    await reconcileErased(restored.services, () => left-- > 0);
    expect(living.pipeline.comparisons).toEqual([
      { after: expect.stringMatching(/./), begunIn: undefined },
    ]);
  });

  test.each([
    ['has failed with a vault before', undefined],
    ['has begun in the table before', 'another table'],
  ])('reconciles nothing when it %s', async (_, begunIn) => {
    const { restored } = await afterErasure();
    await reconcileErased(restored.services, always, { ...rest, begunIn });
    await expect(requireReconciled(restored.services)).rejects.toMatchObject({
      code: 'LEDGER_UNRECONCILED',
    });
  });
});

describe('a new installation', () => {
  test('serves at once, and after its first clients, who come at the same time', async () => {
    const { services } = memoryServices();
    for (const create of DAILY) {
      await create(services)({});
    }
    const clients = ['C-1', 'C-2', 'C-3'].map((reference) =>
      ask(services, 'addClient', { body: { name: 'N', reference } }),
    );
    expect((await Promise.all(clients)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await ask(services, 'showLedger')).toMatchObject({ body: { isReconciled: true } });
    await createRenewal(services)({});
  });

  test('whose only table is restored is compared as well', async () => {
    const world = memoryServices();
    await ask(world.services, 'addClient', { body: { name: 'N', reference: 'C-1' } });
    const { services } = withLedger(world, world.ledger.copy());
    await expect(createRenewal(services)({})).rejects.toMatchObject({
      code: 'LEDGER_UNRECONCILED',
    });
    await createComparison(services)({});
    await createRenewal(services)({});
  });
});
