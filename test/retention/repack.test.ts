import { beforeEach, describe, expect, test } from 'vitest';
import type { Pack, Vault } from '../../shared/domain/records.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import type { Stored } from '../../shared/ports/ledger.ts';
import { packsToRepack } from '../../shared/retention/repack.ts';
import { settlePacks } from '../../shared/retention/settle-packs.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { backUp, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { packRecords, snapshotRecords } from '../support/retained-vault.ts';
import { sweepConfirmed } from '../support/swept-vault.ts';

const LINGER_DAYS = 30;

let world: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world, { policyId: 'consent-only' });
});

const put = (path: string, text: string): void => {
  sourceOf(world, vault).put(path, text);
};
const sweep = () => sweepCopies(world.services, () => true);
const due = async () => [...(await packsToRepack(world.ledger, vault.vaultId))];
const firstPack = async (): Promise<Pack> => (await packRecords(world, vault))[0] as Pack;

/** One day: back up, sweep, sleep. */
async function live(days = 1): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    await backUp(world, vault);
    await sweep();
    await world.clock.moveDays(1);
  }
}

describe('the life of a pack', () => {
  test('is counted by what each snapshot needs of it', async () => {
    put('a', 'a'.repeat(100));
    put('b', 'b'.repeat(50));
    await live();
    const life = { bytes: 150, liveBytes: 150, wornBy: null, expiredSince: null };
    expect((await firstPack()).life).toEqual(life);
    put('b', 'other');
    await live();
    const worn = (await snapshotRecords(world, vault)).at(-1)?.snapshotId;
    expect((await firstPack()).life).toEqual({ ...life, liveBytes: 100, wornBy: worn });
  });

  test('knows since when a record in it is needed by no kept snapshot', async () => {
    put('a', 'a'.repeat(100));
    put('b', 'b'.repeat(50));
    await live();
    put('b', 'other');
    await live(35);
    expect((await firstPack()).life?.expiredSince).toBeNull();
    await live(3);
    const since = (await firstPack()).life?.expiredSince;
    expect(since).not.toBeNull();
    await live(5);
    expect((await firstPack()).life?.expiredSince).toBe(since);
  });

  test('keeps that day when another pass read the pack before it was known', async () => {
    put('a', 'a'.repeat(100));
    put('b', 'b'.repeat(50));
    put('c', 'c'.repeat(50));
    await live();
    put('b', 'other');
    await live(38);
    const { life } = await firstPack();
    expect(life?.expiredSince).not.toBeNull();
    put('c', 'other');
    await backUp(world, vault);
    let isFirst = true;
    async function* early(packs: AsyncIterable<Stored<'pack'>>): AsyncGenerator<Stored<'pack'>> {
      for await (const { record, version } of packs) {
        const before = record.life && { ...record.life, expiredSince: null };
        yield { record: { ...record, life: before }, version };
      }
    }
    const ledger = new Proxy(world.ledger, {
      get(target, name) {
        const member = Reflect.get(target, name, target) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          const answer = Reflect.apply(member, target, args);
          const isEarly = isFirst && name === 'list' && args[0] === 'pack';
          isFirst &&= !isEarly;
          return isEarly ? early(answer as AsyncIterable<Stored<'pack'>>) : answer;
        };
      },
    });
    const { record } = (await world.ledger.get('vault', vault.vaultId)) as Stored<'vault'>;
    await settlePacks({ ...world.services, ledger }, record, () => true);
    expect((await firstPack()).life).toEqual({ ...life, liveBytes: 100 });
  });
});

describe('a pack is written anew', () => {
  test('when less than half of it is needed', async () => {
    put('a', 'a'.repeat(100));
    put('b', 'b'.repeat(150));
    await live();
    const { packId } = await firstPack();
    expect(await due()).toEqual([]);
    put('b', 'other');
    await live();
    expect(await due()).toEqual([packId]);
    const snapshot = await backUp(world, vault);
    expect(snapshot.counts).toMatchObject({ records: 2, readRecords: 1, packs: 2 });
    const restored = { a: 'a'.repeat(100), b: 'other' };
    expect(await restoredFrom(world, vault, snapshot, 'secondary')).toEqual(restored);
    await sweep();
    expect((await firstPack()).droppedBy).toBe(snapshot.snapshotId);
    expect(await due()).toEqual([]);
  });

  test('when expired records linger in it for longer than the policy lets them', async () => {
    put('a', 'a'.repeat(100));
    put('b', 'b'.repeat(50));
    await live();
    put('b', 'other');
    await live(40);
    expect((await firstPack()).life?.expiredSince).not.toBeNull();
    expect(await due()).toEqual([]);
    await live(LINGER_DAYS);
    expect((await firstPack()).droppedBy).not.toBeNull();
    const { packId } = await firstPack();
    await live(45);
    await sweepConfirmed(world, vault);
    expect(await world.ledger.get('pack', vault.vaultId, packId)).toBeUndefined();
  });

  test('and what cannot be read again stays where it is', async () => {
    put('a', 'a'.repeat(100));
    put('b', 'b'.repeat(150));
    put('large', 'x'.repeat(1_200_000));
    await live();
    put('b', 'other');
    put('large', 'y');
    await live();
    expect(await due()).toHaveLength(1);
    const source = sourceOf(world, vault);
    const read = source.read.bind(source);
    source.read = async (entry) => (entry.path === 'a' ? { skipped: 'denied' } : read(entry));
    const snapshot = await backUp(world, vault);
    expect(snapshot.counts).toMatchObject({ records: 3, skipped: 0 });
    const { a } = await restoredFrom(world, vault, snapshot, 'primary');
    expect(a).toBe('a'.repeat(100));
  });

  test('never under a hold', async () => {
    put('a', 'a'.repeat(100));
    put('b', 'b'.repeat(150));
    await live();
    put('b', 'other');
    await live();
    expect(await due()).toHaveLength(1);
    const terms = { reason: 'litigation', reference: 'case 1' };
    await placeHold(world.services, OPERATOR, vault.vaultId, terms);
    await live();
    expect(await due()).toEqual([]);
  });

  test('a tenth of the vault at a time, the oldest first', async () => {
    for (let number = 0; number < 30; number += 1) {
      put(`${String(number).padStart(2, '0')}-kept`, 'k'.repeat(400));
      put(`${String(number).padStart(2, '0')}-lost`, 'l'.repeat(600));
      await backUp(world, vault);
      await world.clock.moveDays(0.01);
    }
    for (let number = 0; number < 30; number += 1) {
      put(`${String(number).padStart(2, '0')}-lost`, '');
    }
    await live();
    const packs = (await packRecords(world, vault)).map(({ packId }) => packId);
    expect(await due()).toEqual(packs.slice(0, 3));
    await live(2);
    expect(await due()).toEqual(packs.slice(6, 9));
  });
});
