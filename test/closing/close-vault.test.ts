import { describe, expect, test } from 'vitest';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { closeClient } from '../../shared/closing/close-client.ts';
import { closeVault } from '../../shared/closing/close-vault.ts';
import { planClosing } from '../../shared/closing/plan-closing.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { requestRestore } from '../../shared/restore/request-restore.ts';
import { keptInVault } from '../../shared/retention/kept-in-vault.ts';
import { backUp, restoredFrom } from '../support/backed-up-vault.ts';
import { closableVault, closed, EVENT, verified } from '../support/closing-world.ts';
import { approved, cancelled, LONG_OVER } from '../support/erasing.ts';
import { LAWSUIT } from '../support/holding-world.ts';
import { OPERATOR, vaultNow } from '../support/living-installation.ts';

describe('a closed vault', () => {
  test('takes no backups any more, and stays readable', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    expect(await closed(world, snapshot, 'retain')).toMatchObject({
      state: 'CLOSED',
      nextBackupAt: null,
      closing: {
        closedBy: OPERATOR,
        disposition: 'retain',
        event: EVENT,
        keepUntil: '2036-11-01T16:00:00.000Z',
        finalSnapshotId: snapshot.snapshotId,
      },
    });
    await expect(requestBackup(world.services, OPERATOR, vault.vaultId)).rejects.toMatchObject({
      code: 'VAULT_NOT_ACTIVE',
    });
    const due = await Array.fromAsync(world.ledger.due('backup', world.clock.now()));
    expect(due).toEqual([]);
    const folder = { kind: 'folder' } as const;
    const body = { target: folder, patterns: [], from: 'any' as const, overwrite: false };
    const { plan } = await requestRestore(world.services, OPERATOR, vault.vaultId, body);
    expect(plan.snapshotId).toBe(snapshot.snapshotId);
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual({ 'a.txt': 'first' });
  });

  test('is closed once; asking again changes nothing', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    const first = await closed(world, snapshot, 'retain');
    const second = await closed(world, snapshot, 'retain');
    expect(second.closing).toEqual(first.closing);
    const other = closeVault(world.services, OPERATOR, vault.vaultId, {
      disposition: 'retain',
      event: '2026-10-31',
      verificationId: await verified(world, snapshot),
    });
    await expect(other).rejects.toMatchObject({
      code: 'CLOSED_OTHERWISE',
      data: { event: EVENT },
    });
  });

  test('may be under a hold', async () => {
    const { world, vault, snapshot } = await closableVault('consent-only');
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    expect(await closed(world, snapshot, 'erase')).toMatchObject({ state: 'CLOSED', holds: 1 });
    expect((await vaultNow(world, vault.vaultId)).erasureId).toBeNull();
  });

  test('that is to be erased waits for the approval of somebody else', async () => {
    const { world, vault, snapshot } = await closableVault('consent-only');
    const { erasureId } = await closed(world, snapshot, 'erase');
    const stored = await world.ledger.get('erasure', vault.vaultId, erasureId ?? '');
    expect(stored?.record).toMatchObject({ state: 'REQUESTED', requestedBy: OPERATOR });
    expect(stored?.record.reason).toContain('个人信息保护法 47(1)');
  });
});

describe('the final snapshot', () => {
  test('is kept to the end that was decided', async () => {
    const { world, snapshot } = await closableVault('engagement-10y');
    const vault = await closed(world, snapshot, 'retain');
    const end = new Date('2036-11-01T16:00:00.000Z');
    const until = async () => {
      const { keepings } = await keptInVault(world.services, vault);
      return keepings.get(snapshot.snapshotId)?.until;
    };
    expect(await until()).toEqual(end);
    await world.clock.moveTo(new Date(end.getTime() - 1));
    expect(await until()).toEqual(end);
  });
});

describe('a vault is not closed', () => {
  test('against the law: the refusal cites the rule', async () => {
    const { world, snapshot } = await closableVault('accounting-30y');
    const refused = closed(world, snapshot, 'retain');
    await expect(refused).rejects.toMatchObject({ code: 'DISPOSITION_FORBIDDEN' });
    await expect(refused).rejects.toThrow('个人信息保护法 21(2)');
  });

  test('with an old snapshot, unless somebody confirms that it is the final one', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await world.clock.moveDays(2);
    const verificationId = await verified(world, snapshot);
    const body = { disposition: 'retain', event: EVENT, verificationId } as const;
    const close = (confirmedSnapshotId?: string) =>
      closeVault(world.services, OPERATOR, vault.vaultId, { ...body, confirmedSnapshotId });
    await expect(close()).rejects.toMatchObject({ code: 'FINAL_SNAPSHOT_OLD' });
    const other = vault.vaultId;
    await expect(close(other)).rejects.toMatchObject({ code: 'FINAL_SNAPSHOT_OLD' });
    expect(await close(snapshot.snapshotId)).toMatchObject({ state: 'CLOSED' });
  });

  test('with a verification of another snapshot, or one that failed', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    const body = { disposition: 'retain', event: EVENT } as const;
    const close = (verificationId: string) =>
      closeVault(world.services, OPERATOR, vault.vaultId, { ...body, verificationId });
    const ofBefore = await verified(world, snapshot);
    const second = await backUp(world, vault);
    const code = 'FINAL_SNAPSHOT_UNVERIFIED';
    await expect(close(ofBefore)).rejects.toMatchObject({ code });
    const { key, versions } = second.seal;
    world.copies.secondary.lose(key, versions.secondary ?? '');
    await expect(close(await verified(world, second))).rejects.toMatchObject({ code });
    expect((await vaultNow(world, vault.vaultId)).state).toBe('ACTIVE');
  });

  test('with a verification of another day, however well it ended', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    const verificationId = await verified(world, snapshot);
    await world.clock.moveDays(2);
    const body = { disposition: 'retain', event: EVENT, verificationId } as const;
    const confirmedSnapshotId = snapshot.snapshotId;
    const close = closeVault(world.services, OPERATOR, vault.vaultId, {
      ...body,
      confirmedSnapshotId,
    });
    await expect(close).rejects.toMatchObject({ code: 'FINAL_SNAPSHOT_UNVERIFIED' });
  });

  test('with a day that is to come, or one of years ago that nobody confirms', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    const verificationId = await verified(world, snapshot);
    const close = (event: string, confirmedEvent?: string) =>
      closeVault(world.services, OPERATOR, vault.vaultId, {
        ...{ disposition: 'retain', event, verificationId, confirmedEvent },
      });
    await expect(close('2062-11-01')).rejects.toMatchObject({ code: 'EVENT_IN_FUTURE' });
    const late = planClosing(world.services, vault.clientId, '2026-11-04');
    await expect(late).rejects.toMatchObject({ code: 'EVENT_IN_FUTURE' });
    const past = '2022-11-01';
    await expect(close(past)).rejects.toMatchObject({ code: 'EVENT_LONG_AGO' });
    await expect(close(past, '2022-11-02')).rejects.toMatchObject({ code: 'EVENT_LONG_AGO' });
    const { vaults } = await planClosing(world.services, vault.clientId, past);
    expect(vaults[0]?.isLongAgo).toBe(true);
    expect(await close(past, past)).toMatchObject({ closing: { event: past } });
  });

  test('while it is restricted, and neither is its client', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    const erasure = await approved(world, vault, { ...LONG_OVER, event: EVENT });
    expect((await vaultNow(world, vault.vaultId)).state).toBe('RESTRICTED');
    await expect(closed(world, snapshot, 'retain')).rejects.toMatchObject({
      code: 'TRANSITION_FORBIDDEN',
    });
    const close = () => closeClient(world.services, OPERATOR, vault.clientId, { event: EVENT });
    const code = 'CLIENT_HAS_OPEN_VAULT';
    await expect(close()).rejects.toMatchObject({ code, data: { state: 'RESTRICTED' } });
    await cancelled(world, erasure);
    await expect(close()).rejects.toMatchObject({ code });
  });

  test('while one copy does not have the snapshot yet', async () => {
    const { world, vault } = await closableVault('engagement-10y');
    world.copies.secondary.available = false;
    const single = await backUp(world, vault);
    world.copies.secondary.available = true;
    await expect(closed(world, single, 'retain')).rejects.toMatchObject({
      code: 'FINAL_SNAPSHOT_UNVERIFIED',
    });
  });
});

describe('a client', () => {
  test('is closed once none of its vaults takes backups, and gets no new one then', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    const { clientId } = vault;
    const body = { event: EVENT, custodian: 'the shareholders', custodianBasis: 'resolution 4' };
    const early = closeClient(world.services, OPERATOR, clientId, body);
    await expect(early).rejects.toMatchObject({ code: 'CLIENT_HAS_OPEN_VAULT' });
    await closed(world, snapshot, 'retain');
    const client = await closeClient(world.services, OPERATOR, clientId, body);
    expect(client.closing).toMatchObject(body);
    const again = await closeClient(world.services, OPERATOR, clientId, body);
    expect(again.closing).toEqual(client.closing);
    const other = closeClient(world.services, OPERATOR, clientId, { ...body, event: '2026-10-31' });
    await expect(other).rejects.toMatchObject({ code: 'CLOSED_OTHERWISE' });
    const source = { kind: 'folder' } as const;
    const more = { recordClass: 'more', policyId: 'consent-only', source };
    await expect(registerVault(world.services, OPERATOR, clientId, more)).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
  });

  test('has a plan: what each vault would be, and what the law allows', async () => {
    const { world, vault } = await closableVault('engagement-10y');
    const { vaults } = await planClosing(world.services, vault.clientId, EVENT);
    expect(vaults[0]).toMatchObject({
      event: EVENT,
      countedFrom: ['from the day the engagement file is formed'],
      // Up to 60 days after the service.
      mayStartLater: true,
    });
    expect(vaults).toMatchObject([
      { vaultId: vault.vaultId, role: 'controller', isFinal: true, closing: null },
    ]);
    const allowed = vaults[0]?.options.map((option) => [option.disposition, option.allowed]);
    expect(allowed).toEqual([
      ['retain', true],
      ['erase', false],
      ['hand-over', false],
    ]);
  });
});
