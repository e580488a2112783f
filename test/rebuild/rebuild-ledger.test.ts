import { describe, expect, test } from 'vitest';
import type { RebuildPage } from '../../shared/admin-api/rebuild-answers.ts';
import { INSTALLATION_CHAIN } from '../../shared/domain/audit-chain.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import type { LedgerRecord, Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { tombstoneKey } from '../../shared/format/object-keys.ts';
import { type Tombstone, tombstoneBytes } from '../../shared/format/tombstone.ts';
import { rebuildLedger } from '../../shared/rebuild/rebuild-ledger.ts';
import { repairCopies } from '../../shared/repair/repair-copies.ts';
import { requestRestore } from '../../shared/restore/request-restore.ts';
import { sweepOnRequest } from '../../shared/retention/sweep-copies.ts';
import { backUp, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import { approved } from '../support/erasing.ts';
import { holdingInstallation } from '../support/holding-world.ts';
import { OPERATOR, registeredVault, vaultNow } from '../support/living-installation.ts';
import {
  hurriedClock,
  rebuild,
  vaultOfTwoSnapshots,
  withoutLedger,
} from '../support/lost-ledger.ts';
import type { MemoryServices } from '../support/memory-services.ts';

/** All but what every rebuild tells: that it was begun, and that it is through. */
function foundAgain({ ledger }: MemoryServices): LedgerRecord[] {
  return ledger
    .records()
    .filter((record) => record.kind !== 'installation')
    .filter((record) => record.kind !== 'audit' || record.chainId !== INSTALLATION_CHAIN);
}

/** Puts a tombstone where the erasure of a vault leaves it. */
function bury({ copies, ids, clock }: MemoryServices, { vaultId, keys }: Vault): void {
  const [erasureId, certificateId] = [ids.next(), ids.next()];
  const erasedAt = clock.now().toISOString();
  const tombstone = { format: 1, kind: 'tombstone', vaultId, erasureId, erasedAt, certificateId };
  const bytes = tombstoneBytes({ ...tombstone, keys } as Tombstone);
  copies.secondary.overwrite(tombstoneKey(vaultId), bytes);
}

describe('a ledger that is lost', () => {
  test('is rebuilt from the secondary alone, and restores byte for byte', async () => {
    const { world, vault, first, second } = await vaultOfTwoSnapshots();
    const lost = withoutLedger(world);
    world.copies.primary.available = false;
    const { vaults, isDone } = await rebuild(lost, 'secondary');
    expect({ vaults, isDone }).toMatchObject({
      isDone: true,
      vaults: [{ vaultId: vault.vaultId, outcome: 'rebuilt', snapshots: 2, unreadable: [] }],
    });
    const rebuilt = await vaultNow(lost, vault.vaultId);
    expect(rebuilt).toMatchObject({
      state: 'CLOSED',
      keys: vault.keys,
      policyId: vault.policyId,
      policyVersion: vault.policyVersion,
      lastSnapshotId: second.snapshotId,
      lastSnapshotAt: second.createdAt,
    });
    expect(await restoredFrom(lost, rebuilt, second, 'secondary')).toEqual({
      'changes.txt': 'after',
      'comes.txt': 'new',
      'stays.txt': 'first',
    });
    const target = { kind: 'folder' } as const;
    const body = { target, patterns: [], from: 'any' as const, overwrite: false };
    const asked = { ...body, snapshotId: first.snapshotId };
    const { plan } = await requestRestore(lost.services, OPERATOR, vault.vaultId, asked);
    const before = await lost.ledger.get('snapshot', vault.vaultId, plan.snapshotId);
    if (before === undefined) throw new Error('the first snapshot is missing');
    expect(await restoredFrom(lost, rebuilt, before.record, 'secondary')).toEqual({
      'changes.txt': 'before',
      'stays.txt': 'first',
    });
  });

  test('has the dates, tiers, packs and parts again that it had', async () => {
    const { world, vault, second } = await vaultOfTwoSnapshots();
    const lost = withoutLedger(world);
    await rebuild(lost, 'primary');
    const { vaultId } = vault;
    const rebuilt = await lost.ledger.get('snapshot', vaultId, second.snapshotId);
    const { createdAt, retainUntil, tiers, counts, lockedUntil } = second;
    expect(rebuilt?.record).toMatchObject({ createdAt, retainUntil, tiers, counts, lockedUntil });
    const idsIn = async ({ ledger }: MemoryServices) =>
      (await Array.fromAsync(ledger.list('pack', { vaultId }))).map(({ record }) => record.packId);
    expect(await idsIn(lost)).toEqual(await idsIn(world));
    const parts = await Array.fromAsync(
      lost.ledger.list('manifest-part', { vaultId, snapshotId: second.snapshotId }),
    );
    expect(parts).toHaveLength(1);
  });

  test('is protected again once the repair has asked both copies', async () => {
    const { world, vault, second } = await vaultOfTwoSnapshots();
    const lost = withoutLedger(world);
    await rebuild(lost, 'secondary');
    await repairCopies(lost.services);
    const stored = await lost.ledger.get('snapshot', vault.vaultId, second.snapshotId);
    expect(stored?.record).toMatchObject({
      protectionState: 'protected',
      seal: { versions: second.seal.versions },
    });
  });

  test('lets a sweep remove nothing that a kept snapshot needs', async () => {
    const { world, vault, first } = await vaultOfTwoSnapshots();
    const lost = withoutLedger(world);
    await rebuild(lost, 'secondary');
    await repairCopies(lost.services);
    await world.clock.moveDays(10);
    const wish = { vaultId: vault.vaultId, actor: OPERATOR, isConfirmed: false };
    const { result } = await sweepOnRequest(lost.services, wish, () => true);
    expect(result).toMatchObject({ stopped: null, expired: 0 });
    for (const copy of COPY_NAMES) {
      const restored = await restoredFrom(lost, vault, first, copy);
      expect(restored).toEqual({ 'changes.txt': 'before', 'stays.txt': 'first' });
    }
  });

  test('is not changed by a dry run, nor by a second rebuild', async () => {
    const { world } = await vaultOfTwoSnapshots();
    const lost = withoutLedger(world);
    const dry = await rebuild(lost, 'primary', true);
    expect(dry.vaults).toMatchObject([{ outcome: 'rebuilt', snapshots: 2 }]);
    expect(foundAgain(lost)).toEqual([]);
    await rebuild(lost, 'primary');
    const before = foundAgain(lost);
    const again = await rebuild(lost, 'secondary');
    expect(again.vaults).toMatchObject([{ outcome: 'unchanged', snapshots: 0, objects: 0 }]);
    expect(foundAgain(lost)).toEqual(before);
  });

  test('has the keys of the newest snapshot, whichever page it is on', async () => {
    const { world, vault, first } = await vaultOfTwoSnapshots();
    const { seal } = first;
    world.copies.primary.damage(seal.key, seal.versions.primary ?? '', Buffer.from('{}'));
    const lost = withoutLedger(world);
    const { vaults } = await rebuild(lost, 'primary');
    expect(vaults).toMatchObject([{ outcome: 'rebuilt', snapshots: 1, unreadable: [seal.key] }]);
    expect((await vaultNow(lost, vault.vaultId)).keys).toEqual(vault.keys);
  });

  test('gets its vaults one page after the other, each once', async () => {
    const world = holdingInstallation();
    const vaults: Vault[] = [];
    for (const reference of ['A-1', 'A-2', 'A-3']) {
      const vault = await registeredVault(world, { policyId: 'engagement-10y', reference });
      sourceOf(world, vault).put('a.txt', reference);
      await backUp(world, vault);
      vaults.push(vault);
    }
    const lost = withoutLedger(world);
    const services = { ...lost.services, clock: hurriedClock(world) };
    const seen: string[] = [];
    let page: RebuildPage = { vaults: [], isDone: false, after: null };
    while (!page.isDone) {
      const body = { from: 'primary', dryRun: false } as const;
      const more = page.after === null ? body : { ...body, after: page.after };
      page = await rebuildLedger(services, OPERATOR, more);
      seen.push(...page.vaults.map(({ vaultId }) => vaultId));
    }
    expect(seen).toEqual(vaults.map(({ vaultId }) => vaultId));
  });
});

describe('a ledger that is older than the copies', () => {
  test('gets the snapshots it does not know, and goes on from the last one', async () => {
    const { world, vault, first } = await vaultOfTwoSnapshots();
    const older = withoutLedger(world);
    for (const record of world.ledger.records()) {
      const isLater = 'snapshotId' in record && record.snapshotId !== first.snapshotId;
      if (!isLater && !['audit', 'run', 'vault'].includes(record.kind)) {
        await older.ledger.write([{ record, expect: 'absent' }]);
      }
    }
    const past = { ...vault, lastSnapshotId: first.snapshotId, lastSnapshotAt: first.createdAt };
    await older.ledger.write([{ record: past, expect: 'absent' }]);
    const { vaults } = await rebuild(older, 'primary');
    expect(vaults).toMatchObject([{ outcome: 'completed', snapshots: 1 }]);
    expect((await vaultNow(older, vault.vaultId)).state).toBe('ACTIVE');
    const third = await backUp(older, vault);
    expect(third.counts).toMatchObject({ records: 3, readRecords: 0 });
  });

  test('is left alone where a backup is under way', async () => {
    const { world, vault, first } = await vaultOfTwoSnapshots();
    const older = withoutLedger(world);
    const until = new Date(world.clock.now().getTime() + 60_000).toISOString();
    const running = { ...vault, activeRun: { runId: first.runId, until } };
    await older.ledger.write([{ record: running, expect: 'absent' }]);
    const { vaults } = await rebuild(older, 'primary');
    expect(vaults).toMatchObject([{ outcome: 'left-out', why: 'a backup is under way' }]);
  });
});

describe('an erased vault', () => {
  test('is never brought back by a ledger that is older than its erasure', async () => {
    const { world, vault } = await vaultOfTwoSnapshots();
    bury(world, vault);
    const before = foundAgain(world);
    const { vaults } = await rebuild(world, 'secondary');
    expect(vaults).toMatchObject([{ outcome: 'erased', snapshots: 0 }]);
    // What the ledger says of it, the daily comparison with the tombstones puts right.
    expect(foundAgain(world)).toEqual(before);
  });

  test('comes back as erased when the ledger was lost, so that its ciphertext goes', async () => {
    const { world, vault } = await vaultOfTwoSnapshots();
    await approved(world, vault);
    await world.clock.moveDays(30);
    await advanceDueErasures(world.services);
    await world.clock.moveDays(30);
    bury(world, vault);
    const lost = withoutLedger(world);
    const { vaults } = await rebuild(lost, 'secondary');
    expect(vaults).toMatchObject([{ outcome: 'erased', snapshots: 2 }]);
    expect((await vaultNow(lost, vault.vaultId)).state).toBe('ERASED');
    const target = { kind: 'folder' } as const;
    const body = { target, patterns: [], from: 'any' as const, overwrite: false };
    await expect(
      requestRestore(lost.services, OPERATOR, vault.vaultId, body),
    ).rejects.toMatchObject({ code: 'VAULT_UNREADABLE' });
  });

  test('of which the tombstone alone is left stays erased', async () => {
    const { world, vault } = await vaultOfTwoSnapshots();
    await approved(world, vault);
    await world.clock.moveDays(30);
    await advanceDueErasures(world.services);
    await world.clock.moveDays(400);
    for (const copy of Object.values(world.copies)) {
      for await (const { key, versionId } of copy.list(`vaults/${vault.vaultId}/`)) {
        await copy.remove(key, versionId);
      }
    }
    bury(world, vault);
    const lost = withoutLedger(world);
    const { vaults } = await rebuild(lost, 'secondary');
    expect(vaults).toMatchObject([{ outcome: 'erased', why: null, snapshots: 0 }]);
    expect(foundAgain(lost)).toEqual([]);
  });

  test('is not made of a tombstone alone: its keys must be gone', async () => {
    const { world, vault } = await vaultOfTwoSnapshots();
    bury(world, vault);
    const lost = withoutLedger(world);
    const { vaults } = await rebuild(lost, 'primary');
    expect(vaults).toMatchObject([{ outcome: 'left-out' }]);
    expect(vaults[0]?.why).toContain('tombstone');
    expect(foundAgain(lost)).toEqual([]);
  });
});

describe('a vault is left out', () => {
  test('when the version of its policy was lost as well, which is named', async () => {
    const world = holdingInstallation();
    const vault = await registeredVault(world);
    sourceOf(world, vault).put('a.txt', 'first');
    await backUp(world, vault);
    const { vaults } = await rebuild(withoutLedger(world), 'primary');
    expect(vaults).toMatchObject([{ outcome: 'left-out', snapshots: 0 }]);
    expect(vaults[0]?.why).toContain(`add ${vault.policyId} version ${vault.policyVersion} first`);
  });

  test('when its keys are not enabled: an erasure was under way', async () => {
    const { world, vault } = await vaultOfTwoSnapshots();
    await approved(world, vault);
    const lost = withoutLedger(world);
    const { vaults } = await rebuild(lost, 'primary');
    expect(vaults).toMatchObject([{ outcome: 'left-out', snapshots: 0 }]);
    expect(vaults[0]?.why).toContain('Disabled');
    expect(foundAgain(lost)).toEqual([]);
  });

  test('when none of its seals can be read, and they are named', async () => {
    const { world, vault, first, second } = await vaultOfTwoSnapshots();
    for (const { seal } of [first, second]) {
      world.copies.primary.damage(seal.key, seal.versions.primary ?? '', Buffer.from('{}'));
    }
    const { vaults } = await rebuild(withoutLedger(world), 'primary');
    expect(vaults).toMatchObject([
      {
        vaultId: vault.vaultId,
        outcome: 'left-out',
        unreadable: [first.seal.key, second.seal.key],
      },
    ]);
  });

  test('but not because somebody wrote another version over its seal', async () => {
    const { world, second } = await vaultOfTwoSnapshots();
    world.copies.primary.overwrite(second.seal.key, Buffer.from('{}'));
    const { vaults } = await rebuild(withoutLedger(world), 'primary');
    expect(vaults).toMatchObject([{ outcome: 'rebuilt', snapshots: 2, unreadable: [] }]);
  });
});
