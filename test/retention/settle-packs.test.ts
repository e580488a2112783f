import { beforeEach, describe, expect, test } from 'vitest';
import type { Pack, Snapshot, Vault } from '../../shared/domain/records.ts';
import type { Change } from '../../shared/ports/ledger.ts';
import { settlePacks } from '../../shared/retention/settle-packs.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, registeredVault, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { backUpDaily, counting, objectsOf, packRecords } from '../support/retained-vault.ts';
import { samplePack } from '../support/sample-records.ts';
import { stoppingAfter } from '../support/stopping-services.ts';

let world: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
});

const settle = async (services = world.services): Promise<void> =>
  settlePacks(services, await vaultNow(world, vault.vaultId));

/** What the ledger says of packs must be what the seals say, for every snapshot. */
async function expectSettled(snapshots: readonly Snapshot[]): Promise<void> {
  const packs = await packRecords(world, vault);
  for (const snapshot of snapshots) {
    const { snapshotId } = snapshot;
    const named = packs.filter(
      ({ snapshotId: writer, droppedBy }) =>
        writer <= snapshotId && (droppedBy === null || snapshotId < droppedBy),
    );
    const sealed = (await objectsOf(world, snapshot)).filter(({ key }) => key.includes('/packs/'));
    expect(named.map(({ key }) => key)).toEqual(sealed.map(({ key }) => key));
  }
}

describe('which snapshots need a pack', () => {
  test('is known after the daily work, whether it came after each one or after many', async () => {
    const snapshots = await backUpDaily(world, vault, 3);
    await settle();
    await expectSettled(snapshots);
    snapshots.push(...(await backUpDaily(world, vault, 7)));
    await settle();
    await expectSettled(snapshots);
    expect((await packRecords(world, vault)).filter(({ droppedBy }) => droppedBy)).toHaveLength(6);
  });

  test('costs one seal for each new snapshot, and nothing when there is none', async () => {
    await backUpDaily(world, vault, 5);
    const { services, calls } = counting(world.services);
    await settle(services);
    expect(calls.map(({ method }) => method)).toEqual(Array(5).fill('read'));
    await settle(services);
    expect(calls).toHaveLength(5);
  });

  test('stays open for packs of a run that is not committed, until another one is', async () => {
    await backUpDaily(world, vault, 1);
    const { vaultId } = vault;
    const unfinished = samplePack(vaultId, world.ids.next(), { snapshotId: world.ids.next() });
    await world.ledger.write([{ record: unfinished, expect: 'absent' }]);
    await settle();
    const found = async () => (await world.ledger.get('pack', vaultId, unfinished.packId))?.record;
    expect((await found())?.droppedBy).toBeNull();
    await world.clock.moveDays(1);
    sourceOf(world, vault).put('record-9', 'new');
    const next = await backUp(world, vault);
    expect((await found())?.droppedBy).toBeNull();
    await settle();
    expect((await found())?.droppedBy).toBe(next.snapshotId);
  });

  test('is found all the same when a backup changes the packs meanwhile', async () => {
    const snapshots = await backUpDaily(world, vault, 5);
    const { ledger } = world.services;
    let isDisturbed = false;
    const write = async (changes: readonly Change[]): Promise<void> => {
      const [first] = changes;
      if (!isDisturbed && first?.record.kind === 'pack') {
        isDisturbed = true;
        const before = await ledger.get('pack', vault.vaultId, first.record.packId);
        const record = { ...(before?.record as Pack), lockedUntil: '2031-01-01T00:00:00.000Z' };
        await ledger.write([{ record, expect: before?.version ?? 0 }]);
      }
      return ledger.write(changes);
    };
    const disturbed = new Proxy(ledger, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        return name === 'write' ? write : (member as () => void).bind(target);
      },
    });
    await settle({ ...world.services, ledger: disturbed });
    await expectSettled(snapshots);
    const longer = (await packRecords(world, vault)).filter((pack) => pack.lockedUntil > '2031');
    expect(longer).toHaveLength(1);
    expect(longer[0]?.droppedBy).not.toBeNull();
  });

  test.each(['before', 'after'] as const)(
    'is found by the next pass when killed %s any call',
    async (when) => {
      const snapshots = await backUpDaily(world, vault, 6);
      for (let point = 1; ; point += 1) {
        const stopping = stoppingAfter(world.services, point, when);
        const outcome = await settle(stopping.services).catch((error: unknown) => error);
        if (outcome === undefined) {
          expect(point).toBeGreaterThan(10);
          break;
        }
        expect(outcome).toBe(stopping.failure);
      }
      await settle();
      await expectSettled(snapshots);
    },
  );

  test('is not guessed when a seal can be read from neither copy', async () => {
    const [first] = await backUpDaily(world, vault, 2);
    for (const copy of ['primary', 'secondary'] as const) {
      const { key, versions } = (first as Snapshot).seal;
      world.copies[copy].lose(key, versions[copy] ?? '');
    }
    await expect(settle()).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
    expect((await packRecords(world, vault)).filter(({ droppedBy }) => droppedBy)).toEqual([]);
  });
});
