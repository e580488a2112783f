import { describe, expect, test } from 'vitest';
import { confirmHandover } from '../../shared/closing/confirm-handover.ts';
import { endRetention } from '../../shared/closing/end-retention.ts';
import { listHandover } from '../../shared/closing/list-handover.ts';
import { cancelErasure } from '../../shared/erasure/cancel-erasure.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { requestRestore } from '../../shared/restore/request-restore.ts';
import { closableVault, closed, EVENT } from '../support/closing-world.ts';
import { LAWSUIT, release } from '../support/holding-world.ts';
import { OPERATOR, SUPERVISOR, vaultNow } from '../support/living-installation.ts';
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

describe('the end of a retention', () => {
  test('asks for the erasure by itself, not a moment early; a person still approves', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await closed(world, snapshot, 'retain');
    await world.clock.moveTo(new Date(TEN_YEARS.getTime() - 1));
    expect(await endRetention(world.services)).toEqual({ due: 0, opened: 0, extended: 0 });
    await world.clock.moveTo(TEN_YEARS);
    expect(await endRetention(world.services)).toEqual({ due: 1, opened: 1, extended: 0 });
    const erasure = await erasureOf(world, vault.vaultId);
    expect(erasure).toMatchObject({ state: 'REQUESTED', requestedBy: 'holdfast:end-retention' });
    expect(erasure?.reason).toContain('个人信息保护法 47(1)');
    expect(await endRetention(world.services)).toEqual({ due: 1, opened: 0, extended: 0 });
  });

  test('waits while the vault is held, and goes on after the release', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await closed(world, snapshot, 'retain');
    const hold = await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    await world.clock.moveTo(TEN_YEARS);
    expect(await endRetention(world.services)).toEqual({ due: 1, opened: 0, extended: 0 });
    await release(world, hold);
    expect(await endRetention(world.services)).toEqual({ due: 1, opened: 1, extended: 0 });
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
    expect(await endRetention(world.services)).toEqual({ due: 1, opened: 0, extended: 1 });
    const { closing: moved } = await vaultNow(world, vault.vaultId);
    expect(moved?.keepUntil).toBe(TEN_YEARS.toISOString());
  });
});

describe('a handover', () => {
  test('ends with a list, a confirmation, and the request to erase what remains', async () => {
    const { world, vault, snapshot } = await closableVault('accounting-30y');
    await closed(world, snapshot, 'hand-over');
    expect(await endRetention(world.services)).toEqual({ due: 0, opened: 0, extended: 0 });
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
      firstSnapshot: '2026-11-02',
      lastSnapshot: '2026-11-02',
      finalSnapshotId: snapshot.snapshotId,
      event: EVENT,
      handover: null,
    });
    const restoreId = await restoreToFolder(world, vault.vaultId, []);
    const body = { restoreId, recipient: 'the director' };
    await confirmHandover(world.services, SUPERVISOR, vault.vaultId, body);
    expect(await vaultNow(world, vault.vaultId)).toMatchObject({ state: 'HANDED_OVER' });
    const erasure = await erasureOf(world, vault.vaultId);
    expect(erasure).toMatchObject({ state: 'REQUESTED', requestedBy: 'holdfast:end-retention' });
    expect(erasure?.reason).toContain('个人信息保护法 21(2)');
    const { handover } = await listHandover(world.services, vault.vaultId);
    expect(handover).toMatchObject({ ...body, confirmedBy: SUPERVISOR });
  });

  test('is not confirmed by a restore of a part, or one from before the closing', async () => {
    const { world, vault, snapshot } = await closableVault('accounting-30y');
    const before = await restoreToFolder(world, vault.vaultId, []);
    await world.clock.moveTo(new Date(world.clock.now().getTime() + 1000));
    await closed(world, snapshot, 'hand-over');
    const part = await restoreToFolder(world, vault.vaultId, ['a.*']);
    for (const restoreId of [before, part]) {
      const body = { restoreId, recipient: 'the director' };
      const confirmed = confirmHandover(world.services, SUPERVISOR, vault.vaultId, body);
      await expect(confirmed).rejects.toMatchObject({ code: 'HANDOVER_INCOMPLETE' });
    }
    expect((await vaultNow(world, vault.vaultId)).state).toBe('CLOSED');
  });

  test('is not confirmed for a vault that was closed otherwise', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await closed(world, snapshot, 'retain');
    const restoreId = await restoreToFolder(world, vault.vaultId, []);
    const body = { restoreId, recipient: 'the director' };
    await expect(
      confirmHandover(world.services, SUPERVISOR, vault.vaultId, body),
    ).rejects.toMatchObject({ code: 'HANDOVER_NOT_DUE' });
  });
});
