import { describe, expect, test } from 'vitest';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { rebuildLedger } from '../../shared/rebuild/rebuild-ledger.ts';
import { LAWSUIT } from '../support/holding-world.ts';
import { OPERATOR, vaultNow } from '../support/living-installation.ts';
import {
  hurriedClock,
  rebuild,
  vaultOfTwoSnapshots,
  withoutLedger,
} from '../support/lost-ledger.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { stoppingAfter } from '../support/stopping-services.ts';

async function snapshotCount({ ledger }: MemoryServices, { vaultId }: Vault): Promise<number> {
  return (await Array.fromAsync(ledger.list('snapshot', { vaultId }))).length;
}

describe('a ledger that is lost', () => {
  test('holds again what S3 says is held', async () => {
    const { world, vault } = await vaultOfTwoSnapshots();
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    const lost = withoutLedger(world);
    const { vaults } = await rebuild(lost, 'primary');
    expect(vaults).toMatchObject([{ held: true }]);
    expect((await vaultNow(lost, vault.vaultId)).holds).toBe(1);
  });

  test('holds again what a later page would have found to be held', async () => {
    const { world, vault, second } = await vaultOfTwoSnapshots();
    const body = { ...LAWSUIT, snapshotId: second.snapshotId };
    await placeHold(world.services, OPERATOR, vault.vaultId, body);
    const lost = withoutLedger(world);
    const services = { ...lost.services, clock: hurriedClock(world) };
    const first = await rebuildLedger(services, OPERATOR, { from: 'primary', dryRun: false });
    expect(first).toMatchObject({ isDone: false, vaults: [{ snapshots: 1, held: true }] });
    expect((await vaultNow(lost, vault.vaultId)).holds).toBe(1);
    const next = await rebuildLedger(services, OPERATOR, { from: 'primary', dryRun: false });
    expect(next).toMatchObject({ isDone: true, vaults: [{ snapshots: 1, held: true }] });
    expect((await vaultNow(lost, vault.vaultId)).holds).toBe(1);
  });

  test('has no vault without its hold, wherever the rebuild is killed', async () => {
    const { world, vault } = await vaultOfTwoSnapshots();
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    const whole = stoppingAfter(withoutLedger(world).services, Number.POSITIVE_INFINITY, 'before');
    await rebuildLedger(whole.services, OPERATOR, { from: 'primary', dryRun: false });
    expect(whole.calls()).toBeGreaterThan(20);
    for (let point = 1; point <= whole.calls(); point += 1) {
      for (const when of ['before', 'after'] as const) {
        const lost = withoutLedger(world);
        const { services } = stoppingAfter(lost.services, point, when);
        const killed = rebuildLedger(services, OPERATOR, { from: 'primary', dryRun: false });
        await expect(killed).rejects.toThrow('killed');
        const left = (await lost.ledger.get('vault', vault.vaultId))?.record;
        expect(left?.holds ?? 1).toBe(1);
        await rebuild(lost, 'primary');
        expect((await vaultNow(lost, vault.vaultId)).holds).toBe(1);
        expect(await snapshotCount(lost, vault)).toBe(2);
      }
    }
  });
});

describe('a ledger that is older than the copies', () => {
  test('holds a vault again that was held since, once and as a whole', async () => {
    const { world, vault } = await vaultOfTwoSnapshots();
    const older = { ...world, ledger: world.ledger.copy() };
    const services = { ...world.services, ledger: older.ledger };
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    const dry = await rebuildLedger(services, OPERATOR, { from: 'primary', dryRun: true });
    expect(dry.vaults).toMatchObject([{ outcome: 'unchanged', held: true }]);
    expect((await vaultNow(older, vault.vaultId)).holds).toBe(0);
    for (const from of COPY_NAMES) {
      const { vaults } = await rebuildLedger(services, OPERATOR, { from, dryRun: false });
      expect(vaults).toMatchObject([{ outcome: 'unchanged', held: true }]);
      expect((await vaultNow(older, vault.vaultId)).holds).toBe(1);
    }
    const listed = older.ledger.list('hold', { vaultId: vault.vaultId });
    const [hold] = await Array.fromAsync(listed, ({ record }) => record);
    expect(hold).toMatchObject({ scope: { kind: 'vault' }, placedBy: OPERATOR });
    expect(hold?.reference).toBe('S3_LEGAL_HOLD');
  });

  test('does not hold a vault again whose hold it knows', async () => {
    const { world, vault, first } = await vaultOfTwoSnapshots();
    const body = { ...LAWSUIT, snapshotId: first.snapshotId };
    await placeHold(world.services, OPERATOR, vault.vaultId, body);
    await rebuild(world, 'primary');
    expect((await vaultNow(world, vault.vaultId)).holds).toBe(1);
  });
});
