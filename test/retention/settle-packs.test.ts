import { beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import type { Change, Ledger, Stored } from '../../shared/ports/ledger.ts';
import { rebuildLedger } from '../../shared/rebuild/rebuild-ledger.ts';
import { settlePacks } from '../../shared/retention/settle-packs.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
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

const settle = async (services = world.services, hasTime = () => true) =>
  settlePacks(services, await vaultNow(world, vault.vaultId), hasTime);

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

/** The ledger, where something else happens just before the first pack is written. */
function beforeFirstPackIsWritten(happens: () => Promise<unknown>): Ledger {
  const { ledger } = world.services;
  let isDisturbed = false;
  const write = async (changes: readonly Change[]): Promise<void> => {
    if (!isDisturbed && changes[0]?.record.kind === 'pack') {
      isDisturbed = true;
      await happens();
    }
    return ledger.write(changes);
  };
  return new Proxy(ledger, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      return name === 'write' ? write : (member as () => void).bind(target);
    },
  });
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

  test('is found some seals at a time, each of which is read once', async () => {
    const snapshots = await backUpDaily(world, vault, 10);
    const { services, calls } = counting(world.services);
    const forThree = () => {
      let left = 4;
      return () => {
        left -= 1;
        return left > 0;
      };
    };
    for (const settled of [3, 3, 3]) {
      expect(await settle(services, forThree())).toEqual({ settled, isDone: false });
    }
    expect(await settle(services, () => false)).toEqual({ settled: 0, isDone: false });
    expect(await settle(services, forThree())).toEqual({ settled: 1, isDone: true });
    expect(calls).toHaveLength(10);
    await expectSettled(snapshots);
  });

  test('is recorded before all seals are read, when there are many', async () => {
    const snapshots = await backUpDaily(world, vault, 60);
    const { services, calls } = counting(world.services);
    const killed = settle(services, () => {
      if (calls.length === 55) {
        throw new Error('killed');
      }
      return true;
    });
    await expect(killed).rejects.toThrow('killed');
    expect(await settle()).toEqual({ settled: 10, isDone: true });
    await expectSettled(snapshots);
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
    const ledger = beforeFirstPackIsWritten(async () => {
      const [pack] = await Array.fromAsync(world.ledger.list('pack', { vaultId: vault.vaultId }));
      const { record, version } = pack as Stored<'pack'>;
      const longer = { ...record, lockedUntil: '2031-01-01T00:00:00.000Z' };
      await world.ledger.write([{ record: longer, expect: version }]);
    });
    await settle({ ...world.services, ledger });
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
        if (outcome !== stopping.failure) {
          expect(outcome).toMatchObject({ isDone: true });
          expect(point).toBeGreaterThan(10);
          break;
        }
      }
      await settle();
      await expectSettled(snapshots);
    },
  );

  describe('is looked at again when a rebuild puts a snapshot between others', () => {
    /** One snapshot, one that drops its packs, one that needs them, one on top of the second. */
    async function forked(): Promise<Snapshot[]> {
      const put = (path: string, text: string) => sourceOf(world, vault).put(path, text);
      put('a', '1');
      const first = await backUp(world, vault);
      await world.clock.moveDays(1);
      const ledger = world.ledger.copy();
      const early = { ...world, ledger, services: { ...world.services, ledger } };
      put('a', '2');
      const dropping = await backUp(world, vault);
      await world.clock.moveDays(1);
      // Over the ledger of the first day, and with a source that is as it was.
      put('a', '1');
      put('c', '1');
      const needing = await backUp(early, vault);
      await world.clock.moveDays(1);
      put('b', '1');
      const last = await backUp(world, vault);
      return [first, dropping, needing, last];
    }

    const rebuild = () =>
      rebuildLedger(world.services, OPERATOR, { from: 'primary', dryRun: false });
    const droppers = async () => (await packRecords(world, vault)).map((pack) => pack.droppedBy);

    test('that are settled', async () => {
      const [, dropping, , last] = (await forked()).map(({ snapshotId }) => snapshotId);
      await settle();
      expect((await droppers())[0]).toBe(dropping);
      await rebuild();
      await settle();
      expect(await droppers()).toEqual([last, last, last, null]);
      await settle();
      expect(await droppers()).toEqual([last, last, last, null]);
    });

    test('at the very time they are settled', async () => {
      const [, , , last] = (await forked()).map(({ snapshotId }) => snapshotId);
      const ledger = beforeFirstPackIsWritten(rebuild);
      await settle({ ...world.services, ledger });
      await settle();
      expect(await droppers()).toEqual([last, last, last, null]);
    });
  });

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
