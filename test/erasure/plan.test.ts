import { describe, expect, test } from 'vitest';
import { requestErasureBody } from '../../shared/admin-api/messages.ts';
import type { VaultClosing } from '../../shared/domain/closing-records.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { approveErasure } from '../../shared/erasure/approve-erasure.ts';
import { showPlan } from '../../shared/erasure/show-plan.ts';
import { takeInventory } from '../../shared/erasure/take-inventory.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { backUp, packsOf, sourceOf } from '../support/backed-up-vault.ts';
import { approve, approved, erasureNow, LONG_OVER, requested } from '../support/erasing.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';

const NOTHING_STATED = {
  event: null,
  contractEnded: false,
  returned: false,
  concerns: 'vault',
} as const;

async function backedUp(policyId = 'consent-only') {
  const living = livingInstallation();
  const vault = await registeredVault(living, { policyId });
  sourceOf(living, vault).put('a', 'one');
  await backUp(living, vault);
  return { living, vault };
}

describe('a plan', () => {
  test('says what is destroyed, by which law, and until when the ciphertext stays', async () => {
    const { living, vault } = await backedUp();
    const answer = await showPlan(living.services, vault.vaultId, {
      ...NOTHING_STATED,
      contractEnded: true,
    });
    expect(answer).toMatchObject({
      erasureId: null,
      decision: { outcome: 'erase', rule: 'consent-ended' },
      plan: { keys: vault.keys, snapshots: 1, packs: 1, objects: 3, windowDays: 7, approvals: 1 },
    });
    const said = answer.says.join('\n');
    expect(said).toContain('个人信息保护法 47(1)');
    expect(said).toContain(`Destroyed: the keys ${vault.keys.primary} and ${vault.keys.secondary}`);
    expect(said).toContain(`until ${answer.plan.ciphertextUntil?.slice(0, 10)}`);
    expect(said).toContain('Kept: other vaults');
    expect(said).toContain(answer.plan.hash);
  });

  test('counts every object once, and its digest changes with each of them', async () => {
    const { living, vault } = await backedUp();
    const before = await takeInventory(living.ledger, vault.vaultId);
    const [pack] = await packsOf(living, vault);
    expect(before.bytes).toBeGreaterThan(pack?.size ?? 0);
    expect(await takeInventory(living.ledger, vault.vaultId)).toEqual(before);
    sourceOf(living, vault).put('b', 'two');
    await backUp(living, vault);
    const after = await takeInventory(living.ledger, vault.vaultId);
    expect(after).toMatchObject({ snapshots: 2, packs: 2, objects: 6 });
    expect(after.digest).not.toBe(before.digest);
  });

  test('of a vault without snapshots has an empty list', async () => {
    const living = livingInstallation();
    const { vaultId } = await registeredVault(living);
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    expect(await takeInventory(living.ledger, vaultId)).toEqual({
      ...{ snapshots: 0, packs: 0, objects: 0, bytes: 0 },
      ...{ firstAt: null, lastAt: null, digest: empty, ciphertextUntil: null },
    });
  });

  test('shows a hold, a restriction and what is kept without asking for anything', async () => {
    const { living, vault } = await backedUp('engagement-10y');
    const { services } = living;
    const plan = (event: string | null) =>
      showPlan(services, vault.vaultId, { ...NOTHING_STATED, event });
    expect((await plan(null)).says[2]).toMatch(/^Nothing is destroyed/);
    const restricted = await plan('2025-03-10');
    expect(restricted.decision).toMatchObject({ outcome: 'restrict' });
    // It is due with the midnight in Beijing after 10 March, which is still the 10th in UTC.
    const said = restricted.says.join('\n');
    expect(said).toContain('to the end of 2035-03-10, and erased by itself on 2035-03-11');
    expect(said).toContain('How: on 2035-03-11 the deletion');
    expect(said).toContain('stays locked in both copies at least until 2035-03-11.');
    await placeHold(services, OPERATOR, vault.vaultId, { reason: 'R', reference: 'C' });
    expect((await plan('2025-03-10')).decision.outcome).toBe('refuse');
    expect((await vaultNow(living, vault.vaultId)).erasureId).toBeNull();
  });
});

describe('what is stated', () => {
  const stated = { event: '2025-12-31', contractEnded: true, concerns: 'part' as const };

  test('and who asked for what, and why, is shown to whoever approves it', async () => {
    const { living, vault } = await backedUp('engagement-10y');
    const body = requestErasureBody.parse({ reason: 'the client asked', ...stated });
    await requested(living, vault, body);
    const answer = await showPlan(living.services, vault.vaultId, NOTHING_STATED);
    expect(answer.request).toEqual({ by: OPERATOR, reason: 'the client asked' });
    expect(answer.says[0]).toBe(`Asked for by ${OPERATOR}: the client asked`);
    expect(answer.says[1]).toBe(
      'States: the latest day that starts the period is 2025-12-31; the contract is over; ' +
        'the records are not given back; about a part of the vault.',
    );
  });

  test.each([
    ['accounting-30y', 'it is erased as a whole'],
    ['engagement-10y', 'it is restricted as a whole'],
  ])('about a part of %s: says that %s', async (policyId, whole) => {
    const { living, vault } = await backedUp(policyId);
    const { says } = await showPlan(living.services, vault.vaultId, {
      ...NOTHING_STATED,
      ...stated,
      returned: true,
    });
    expect(says.join('\n')).toContain(whole);
  });

  test('is refused when its event has not happened yet in the zone of the policy', async () => {
    const { living, vault } = await backedUp('engagement-10y');
    // 00:30 of the next day in Beijing.
    await living.clock.moveTo(new Date('2026-12-01T16:30:00Z'));
    const plan = (event: string) =>
      showPlan(living.services, vault.vaultId, { ...NOTHING_STATED, event });
    const ask = (event: string) =>
      requested(living, vault, requestErasureBody.parse({ reason: 'R', event }));
    await expect(plan('2026-12-03')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(ask('2026-12-03')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect((await plan('2026-12-02')).decision.outcome).toBe('restrict');
    expect((await ask('2026-12-02')).decision.outcome).toBe('restrict');
  });
});

describe('a vault that was closed', () => {
  async function closed(policyId: string, changes: Partial<VaultClosing>, state = 'CLOSED') {
    const { living, vault } = await backedUp(policyId);
    const stored = await living.ledger.get('vault', vault.vaultId);
    const closing: VaultClosing = {
      ...{ closedAt: '2026-11-01T08:00:00.000Z', closedBy: OPERATOR, event: '2026-08-20' },
      ...{ disposition: 'retain', keepUntil: null, finalSnapshotId: '', basis: [], ...changes },
    };
    const record = { ...vault, closing, state } as Vault;
    await living.ledger.write([{ record, expect: stored?.version ?? 'absent' }]);
    return (stated = {}) =>
      showPlan(living.services, vault.vaultId, { ...NOTHING_STATED, ...stated });
  }

  test('is counted from its closing, or from a later day that is stated', async () => {
    const plan = await closed('engagement-10y', {});
    expect((await plan()).decision.until).toBe('2036-08-20T16:00:00.000Z');
    expect((await plan({ event: '2010-01-01' })).decision.until).toMatch(/^2036-08-20/);
    expect((await plan({ event: '2026-10-01' })).decision.until).toMatch(/^2036-10-01/);
  });

  test('may have been closed for a day that is to come', async () => {
    const plan = await closed('engagement-10y', { event: '2027-01-31' });
    expect((await plan({ event: '2027-01-31' })).decision.until).toMatch(/^2037-01-31/);
    await expect(plan({ event: '2027-02-01' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  test('to be handed over is erased when that is confirmed, whatever is stated', async () => {
    const handOver = { disposition: 'hand-over' as const };
    const waiting = await closed('accounting-30y', handOver);
    expect((await waiting({ returned: true })).decision.outcome).toBe('return-first');
    const confirmed = await closed('accounting-30y', handOver, 'HANDED_OVER');
    expect((await confirmed()).decision).toMatchObject({ rule: 'processor-erase' });
  });
});

describe('an approval', () => {
  test('is refused when a backup changed the plan since it was seen', async () => {
    const { living, vault } = await backedUp();
    const erasure = await requested(living, vault);
    sourceOf(living, vault).put('b', 'two');
    await backUp(living, vault);
    await expect(approve(living, erasure)).rejects.toMatchObject({ code: 'PLAN_STALE' });
    const { plan } = await showPlan(living.services, vault.vaultId, NOTHING_STATED);
    const now = await approve(living, { ...erasure, plan });
    expect(now).toMatchObject({ state: 'SCHEDULED', plan: { objects: 6 } });
  });

  test('is refused for the plan of another request', async () => {
    const { living, vault } = await backedUp();
    const preview = await showPlan(living.services, vault.vaultId, LONG_OVER_STATED);
    const { erasureId } = await requested(living, vault);
    const body = { erasureId, planHash: preview.plan.hash };
    await expect(
      approveErasure(living.services, SUPERVISOR, vault.vaultId, body),
    ).rejects.toMatchObject({ code: 'PLAN_STALE' });
  });

  test('is refused when the decision is another one by now', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    const body = requestErasureBody.parse({ reason: 'R', event: '2016-11-05' });
    const erasure = await requested(living, vault, body);
    expect(erasure.decision.outcome).toBe('restrict');
    await living.clock.moveDays(5);
    await expect(approve(living, erasure)).rejects.toMatchObject({ code: 'PLAN_STALE' });
  });

  test('is not undone by a lock that was extended meanwhile', async () => {
    const { living, vault } = await backedUp();
    const erasure = await requested(living, vault);
    const lockedUntil = '2030-01-01T00:00:00.000Z';
    for await (const { record, version } of living.ledger.list('pack', {
      vaultId: vault.vaultId,
    })) {
      await living.ledger.write([{ record: { ...record, lockedUntil }, expect: version }]);
    }
    expect((await approve(living, erasure)).state).toBe('SCHEDULED');
    expect((await erasureNow(living, erasure)).plan.ciphertextUntil).toBe(lockedUntil);
  });

  test('is not asked for again once it is given', async () => {
    const { living, vault } = await backedUp();
    const erasure = await approved(living, vault);
    await expect(approve(living, erasure)).rejects.toMatchObject({ code: 'ERASURE_APPROVED' });
  });

  test('once given, the plan that was approved stays what is shown', async () => {
    const { living, vault } = await backedUp();
    const { plan, erasureId } = await approved(living, vault);
    const shown = await showPlan(living.services, vault.vaultId, NOTHING_STATED);
    expect(shown).toMatchObject({ erasureId, plan });
  });
});

describe('a request', () => {
  test.each([
    ['accounting-30y', {}, 'no-ground'],
    ['accounting-30y', { contractEnded: true }, 'processor-return'],
    ['engagement-10y', {}, 'start-unknown'],
    ['consent-only', {}, 'no-ground'],
    ['consent-only', { contractEnded: true, concerns: 'part' }, 'part-of-file'],
    ['engagement-10y', { event: '2010-06-30', concerns: 'part' }, 'part-of-file'],
  ])('of a %s vault stating %o is refused: %s', async (policyId, stated, rule) => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId });
    const body = requestErasureBody.parse({ reason: 'R', ...stated });
    await expect(requested(living, vault, body)).rejects.toMatchObject({
      code: 'ERASURE_REFUSED',
      data: { rule },
    });
    expect((await vaultNow(living, vault.vaultId)).erasureId).toBeNull();
  });

  test('each record class is decided by its own policy and its own holds', async () => {
    const living = livingInstallation();
    const books = await registeredVault(living, { policyId: 'accounting-30y' });
    const file = await registeredVault(living, { reference: 'A-2' });
    const stated = requestErasureBody.parse({
      ...{ reason: 'R', event: '2025-06-30', contractEnded: true, returned: true },
    });
    await placeHold(living.services, OPERATOR, file.vaultId, { reason: 'R', reference: 'C' });
    const held = requested(living, file, stated);
    await expect(held).rejects.toMatchObject({ code: 'VAULT_HELD' });
    expect((await requested(living, books, stated)).decision.outcome).toBe('erase');
  });
});

const { reason: _, event = null, ...rest } = LONG_OVER;
const LONG_OVER_STATED = { event, ...rest };
