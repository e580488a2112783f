import { describe, expect, test } from 'vitest';
import { confirmHandoverBody } from '../../shared/admin-api/messages.ts';
import { confirmHandover } from '../../shared/closing/confirm-handover.ts';
import { endRetention } from '../../shared/closing/end-retention.ts';
import { listHandover } from '../../shared/closing/list-handover.ts';
import type { PolicyDocument } from '../../shared/domain/policy-document.ts';
import type { Snapshot } from '../../shared/domain/records.ts';
import { cancelErasure } from '../../shared/erasure/cancel-erasure.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { assignPolicy } from '../../shared/policies/assign-policy.ts';
import { requestRestore } from '../../shared/restore/request-restore.ts';
import { closableVault, closed, EVENT } from '../support/closing-world.ts';
import { LAWSUIT, release } from '../support/holding-world.ts';
import { FIVE_WEEKS, OPERATOR, SUPERVISOR, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const TEN_YEARS = new Date('2036-11-01T16:00:00Z');

async function erasureOf(world: MemoryServices, vaultId: string) {
  const { erasureId } = await vaultNow(world, vaultId);
  return (await world.ledger.get('erasure', vaultId, erasureId ?? ''))?.record;
}

async function restoreToFolder({ services }: MemoryServices, vaultId: string, patterns: string[]) {
  const target = { kind: 'folder' } as const;
  const body = { target, patterns, from: 'any' as const, overwrite: false };
  const { restore } = await requestRestore(services, OPERATOR, vaultId, body);
  return restore.restoreId;
}

/** As after the erasure: the ledger lets go of the records of snapshots. */
async function forget({ ledger }: MemoryServices, { vaultId, snapshotId }: Snapshot) {
  const stored = await ledger.get('snapshot', vaultId, snapshotId);
  if (stored === undefined) throw new Error('no snapshot');
  await ledger.write([{ record: stored.record, expect: stored.version, removes: true }]);
}

describe('the end of a retention', () => {
  test('asks for the erasure by itself, not a moment early; a person still approves', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await closed(world, snapshot, 'retain');
    await world.clock.moveTo(new Date(TEN_YEARS.getTime() - 1));
    expect(await endRetention(world.services)).toEqual({
      due: 0,
      opened: 0,
      extended: 0,
      unconfirmed: 0,
    });
    await world.clock.moveTo(TEN_YEARS);
    expect(await endRetention(world.services)).toEqual({
      due: 1,
      opened: 1,
      extended: 0,
      unconfirmed: 0,
    });
    const erasure = await erasureOf(world, vault.vaultId);
    expect(erasure).toMatchObject({ state: 'REQUESTED', requestedBy: 'holdfast:end-retention' });
    // The last day kept, though in UTC the end is one day earlier than in Beijing.
    expect(erasure?.reason).toContain('ended on 2036-11-01 (');
    expect(erasure?.reason).toContain('个人信息保护法 47(1)');
    expect(await endRetention(world.services)).toEqual({
      due: 1,
      opened: 0,
      extended: 0,
      unconfirmed: 0,
    });
  });

  test('waits while the vault is held, and goes on after the release', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await closed(world, snapshot, 'retain');
    const hold = await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    await world.clock.moveTo(TEN_YEARS);
    expect(await endRetention(world.services)).toEqual({
      due: 1,
      opened: 0,
      extended: 0,
      unconfirmed: 0,
    });
    await release(world, hold);
    expect(await endRetention(world.services)).toEqual({
      due: 1,
      opened: 1,
      extended: 0,
      unconfirmed: 0,
    });
  });

  test('asks again for what somebody has cancelled', async () => {
    const { world, vault, snapshot } = await closableVault('consent-only');
    await closed(world, snapshot, 'erase');
    const first = await erasureOf(world, vault.vaultId);
    const { erasureId = '' } = first ?? {};
    await cancelErasure(world.services, OPERATOR, vault.vaultId, { erasureId });
    await endRetention(world.services);
    const second = await erasureOf(world, vault.vaultId);
    expect(second).toMatchObject({ state: 'REQUESTED' });
    expect(second?.erasureId).not.toBe(erasureId);
  });

  test('moves when the policy has come to keep it longer', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await closed(world, snapshot, 'retain');
    const stored = await world.ledger.get('vault', vault.vaultId);
    if (stored?.record.closing == null) throw new Error('the vault is not closed');
    // As if a shorter period had counted when it was closed.
    const closing = { ...stored.record.closing, keepUntil: '2027-01-01T00:00:00.000Z' };
    await world.ledger.write([{ record: { ...stored.record, closing }, expect: stored.version }]);
    await world.clock.moveTo(new Date('2027-01-02T00:00:00Z'));
    expect(await endRetention(world.services)).toEqual({
      due: 1,
      opened: 0,
      extended: 1,
      unconfirmed: 0,
    });
    const { closing: moved } = await vaultNow(world, vault.vaultId);
    expect(moved?.keepUntil).toBe(TEN_YEARS.toISOString());
  });
});

describe('another policy for a closed vault', () => {
  const rules = (id: string, ...named: string[]) => ({ ...FIVE_WEEKS, id, rules: named });
  const MISTAKE = rules('for-ever', 'cn-acct-annual-report-perm');
  const TWO_YEARS = rules('two-years', 'cn-labour-contract-2y');
  const TEN = rules('ten-years', 'cn-aml-identity-10y');
  const DUE = '2028-11-01T16:00:00.000Z';

  async function retained(before: PolicyDocument, after: PolicyDocument) {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await addPolicy(world.services, OPERATOR, before);
    await addPolicy(world.services, OPERATOR, after);
    await assignPolicy(world.services, OPERATOR, vault.vaultId, { policyId: before.id });
    await closed(world, snapshot, 'retain');
    return { world, vault };
  }

  const assign = (world: MemoryServices, vaultId: string, policyId: string) =>
    assignPolicy(world.services, OPERATOR, vaultId, { policyId });

  test('makes due what was kept for ever by mistake, and its audit entry says so', async () => {
    const { world, vault } = await retained(MISTAKE, TWO_YEARS);
    await assign(world, vault.vaultId, TWO_YEARS.id);
    const { closing, audit } = await vaultNow(world, vault.vaultId);
    expect(closing).toMatchObject({ disposition: 'retain', keepUntil: DUE });
    expect(closing?.basis.map(({ article }) => article)).toContain('劳动合同法 50');
    const entry = await world.ledger.get('audit', vault.vaultId, audit.count);
    expect(entry?.record).toMatchObject({
      action: 'policy.assigned',
      details: { keepUntil: DUE, previousKeepUntil: null },
    });
    await world.clock.moveTo(new Date(Date.parse(DUE) - 1));
    expect(await endRetention(world.services)).toMatchObject({ due: 0 });
    await world.clock.moveTo(new Date(DUE));
    expect(await endRetention(world.services)).toMatchObject({ due: 1, opened: 1 });
  });

  test('shows a later end at once', async () => {
    const { world, vault } = await retained(TWO_YEARS, TEN);
    const { closing } = await assign(world, vault.vaultId, TEN.id);
    expect(closing?.keepUntil).toBe(TEN_YEARS.toISOString());
  });

  test('makes due at once what is over under it by then', async () => {
    const { world, vault } = await retained(TEN, TWO_YEARS);
    await world.clock.moveTo(new Date('2030-01-01T00:00:00Z'));
    const { closing } = await assign(world, vault.vaultId, TWO_YEARS.id);
    expect(closing?.keepUntil).toBe('2030-01-01T00:00:00.000Z');
    expect(await endRetention(world.services)).toMatchObject({ due: 1, opened: 1 });
  });

  test('shortens no lock', async () => {
    const { world, vault } = await retained(TEN, TWO_YEARS);
    const locks = async () =>
      Promise.all(
        (await Array.fromAsync(world.copies.primary.list(`vaults/${vault.vaultId}/`))).map(
          ({ key, versionId }) => world.copies.primary.inspect(key, versionId),
        ),
      );
    const before = await locks();
    await assign(world, vault.vaultId, TWO_YEARS.id);
    expect(await locks()).toEqual(before);
  });

  test("is refused when it makes the records a client's, who must get them first", async () => {
    const { world, vault } = await retained(TEN, TWO_YEARS);
    await expect(assign(world, vault.vaultId, 'accounting-30y')).rejects.toMatchObject({
      code: 'POLICY_CONTRADICTS_CLOSING',
    });
  });

  test('keeps a defence no longer than its own period', async () => {
    const contracts = rules('contracts', 'cn-contract-file-3y');
    const { world, vault } = await retained(contracts, TEN);
    await world.clock.moveTo(new Date('2029-11-01T16:00:00Z'));
    expect(await endRetention(world.services)).toMatchObject({ due: 1, opened: 1 });
    expect((await erasureOf(world, vault.vaultId))?.decision.rule).toBe('consent-ended');
  });
});

describe('a handover', () => {
  test('ends with a list, a confirmation, and the request to erase what remains', async () => {
    const { world, vault, snapshot } = await closableVault('accounting-30y');
    await closed(world, snapshot, 'hand-over');
    expect(await endRetention(world.services)).toEqual({
      due: 0,
      opened: 0,
      extended: 0,
      unconfirmed: 0,
    });
    const list = await listHandover(world.services, vault.vaultId);
    // All duties of the receiver, the later end first.
    expect(list.duties.map(({ ruleId, lastDayKept }) => [ruleId, lastDayKept])).toEqual([
      ['cn-acct-voucher-30y', '2056-12-31'],
      ['cn-acct-ledger-30y', '2056-12-31'],
      ['cn-tax-document-10y', '2036-12-31'],
    ]);
    expect(list).toMatchObject({
      clientReference: 'A-1',
      records: 1,
      bytes: 5,
      openedOn: '2026-11-02',
      lastSnapshot: '2026-11-02',
      finalSnapshotId: snapshot.snapshotId,
      event: EVENT,
      handover: null,
    });
    const restoreId = await restoreToFolder(world, vault.vaultId, []);
    const body = { restoreId, recipient: 'the director', mode: 'return' as const };
    await confirmHandover(world.services, SUPERVISOR, vault.vaultId, body);
    expect(await vaultNow(world, vault.vaultId)).toMatchObject({ state: 'HANDED_OVER' });
    const erasure = await erasureOf(world, vault.vaultId);
    expect(erasure).toMatchObject({ state: 'REQUESTED', requestedBy: 'holdfast:end-retention' });
    expect(erasure?.reason).toContain('个人信息保护法 21(2)');
    const { handover } = await listHandover(world.services, vault.vaultId);
    expect(handover).toMatchObject({ ...body, confirmedBy: SUPERVISOR });
    expect(list.duties[0]?.elapsed).toEqual({ years: 0, months: 0, days: 0 });
    await forget(world, snapshot);
    await world.clock.moveDays(400);
    expect(await listHandover(world.services, vault.vaultId)).toEqual({ ...list, handover });
  });

  test('lists how much of each period has elapsed', async () => {
    const { world, vault, snapshot } = await closableVault('accounting-30y');
    await closed(world, snapshot, 'hand-over');
    await world.clock.moveTo(new Date('2028-03-02T00:00:00Z'));
    const { duties } = await listHandover(world.services, vault.vaultId);
    // From 1 January 2027 on, the day after the year of accounts.
    expect(duties[0]?.elapsed).toEqual({ years: 1, months: 2, days: 1 });
  });

  test('is not confirmed by a restore of a part, or one from before the closing', async () => {
    const { world, vault, snapshot } = await closableVault('accounting-30y');
    const before = await restoreToFolder(world, vault.vaultId, []);
    await world.clock.moveTo(new Date(world.clock.now().getTime() + 1000));
    await closed(world, snapshot, 'hand-over');
    const part = await restoreToFolder(world, vault.vaultId, ['a.*']);
    for (const restoreId of [before, part]) {
      const body = { restoreId, recipient: 'the director', mode: 'return' as const };
      const confirmed = confirmHandover(world.services, SUPERVISOR, vault.vaultId, body);
      await expect(confirmed).rejects.toMatchObject({ code: 'HANDOVER_INCOMPLETE' });
    }
    expect((await vaultNow(world, vault.vaultId)).state).toBe('CLOSED');
  });

  test('to somebody else keeps what it stands on, and its mode is audited', async () => {
    const { world, vault, snapshot } = await closableVault('accounting-30y');
    await closed(world, snapshot, 'hand-over');
    const restoreId = await restoreToFolder(world, vault.vaultId, []);
    const asked = { restoreId, recipient: 'the successor', mode: 'succession' };
    expect(confirmHandoverBody.safeParse(asked).success).toBe(false);
    const body = confirmHandoverBody.parse({ ...asked, reference: 'notice 12' });
    await confirmHandover(world.services, SUPERVISOR, vault.vaultId, body);
    const { handover } = await listHandover(world.services, vault.vaultId);
    expect(handover).toMatchObject({ mode: 'succession', reference: 'notice 12' });
    const entries = await Array.fromAsync(world.ledger.list('audit', { chainId: vault.vaultId }));
    const entry = entries.find(({ record }) => record.action === 'vault.handed-over');
    expect(entry?.record.details).toMatchObject({ mode: 'succession' });
  });

  test('that nobody confirms in 30 days is told, and the vault is not erased for it', async () => {
    const { world, vault, snapshot } = await closableVault('accounting-30y');
    await closed(world, snapshot, 'hand-over');
    const hours = () =>
      world.telemetry.measures.findLast(({ metric }) => metric === 'HandoverOverdueHours')?.value;
    await world.clock.moveDays(29);
    expect(await endRetention(world.services)).toMatchObject({ due: 0, unconfirmed: 0 });
    expect(hours()).toBe(0);
    await world.clock.moveDays(2);
    expect(await endRetention(world.services)).toMatchObject({ unconfirmed: 1, opened: 0 });
    expect(hours()).toBeCloseTo(24, 1);
    const restoreId = await restoreToFolder(world, vault.vaultId, []);
    const body = { restoreId, recipient: 'the director', mode: 'return' as const };
    await confirmHandover(world.services, SUPERVISOR, vault.vaultId, body);
    expect(await endRetention(world.services)).toMatchObject({ unconfirmed: 0 });
    expect(hours()).toBe(0);
  });

  test('is not confirmed for a vault that was closed otherwise', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await closed(world, snapshot, 'retain');
    const restoreId = await restoreToFolder(world, vault.vaultId, []);
    const body = { restoreId, recipient: 'the director', mode: 'return' as const };
    await expect(
      confirmHandover(world.services, SUPERVISOR, vault.vaultId, body),
    ).rejects.toMatchObject({ code: 'HANDOVER_NOT_DUE' });
  });
});
