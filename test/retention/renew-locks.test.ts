import { beforeEach, describe, expect, test } from 'vitest';
import { keepingOf } from '../../shared/domain/kept-snapshots.ts';
import { lockNeeded } from '../../shared/domain/lock.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { policyOf } from '../../shared/policies/find-policy.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { snapshotObjects } from '../../shared/snapshot/written-parts.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import { denying } from '../support/denying-copy.ts';
import {
  livingInstallation,
  registeredVault,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import {
  backUpDaily,
  counting,
  locksOf,
  objectsOf,
  packRecords,
  snapshotRecords,
} from '../support/retained-vault.ts';
import { stoppingAfter } from '../support/stopping-services.ts';

let world: MemoryServices;
let vault: Vault;

const always = (): boolean => true;
const renew = (services = world.services) => renewLocks(services, always);

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world, { policyId: 'consent-only' });
});

/** The promise of every lock, compared with what both copies say themselves. */
async function expectLocked(): Promise<number> {
  const { state, lastSnapshotId, holds, policyId, policyVersion } = await vaultNow(
    world,
    vault.vaultId,
  );
  const { lock } = await policyOf(world.ledger, { policyId, policyVersion });
  const held = holds > 0 ? ('all' as const) : new Set<string>();
  const facts = { isErased: state === 'ERASED', lastSnapshotId, held, final: null };
  const now = world.clock.now();
  let objects = 0;
  for (const snapshot of await snapshotRecords(world, vault)) {
    const keeping = keepingOf(snapshot, facts, now);
    for (const object of keeping === null ? [] : await objectsOf(world, snapshot)) {
      const needed = keeping && lockNeeded(lock, keeping, now);
      for (const end of await locksOf(world, object)) {
        expect(end?.getTime(), object.key).toBeGreaterThanOrEqual(needed?.getTime() ?? 0);
      }
      objects += 1;
    }
  }
  return objects;
}

describe('the daily renewal', () => {
  test('keeps every object of every kept snapshot locked, extending each once a step', async () => {
    const { services, calls } = counting(world.services);
    let objects = 0;
    for (let day = 0; day < 60; day += 1) {
      // Backups stop after 40 days; the last snapshot is kept all the same.
      if (day < 40) {
        sourceOf(world, vault).put(`record-${day % 7}`, `as of day ${day}`);
        await backUp(world, vault);
      }
      await renew(services);
      objects += await expectLocked();
      await world.clock.moveDays(1);
    }
    expect(objects).toBeGreaterThan(2_000);
    const extensions = calls.filter(({ method }) => method === 'extendLock');
    const distinct = new Set(extensions.map(({ key, until }) => `${key} ${until}`));
    expect(distinct.size).toBe(extensions.length);
    expect(extensions.length).toBeGreaterThan(0);
  });

  test('asks S3 nothing about what is locked long enough', async () => {
    await backUpDaily(world, vault, 3);
    await renew();
    const { services, calls } = counting(world.services);
    expect(await renew(services)).toMatchObject({ vaults: 1, extended: 0, failed: 0 });
    expect(calls).toEqual([]);
  });

  test('lets what no kept snapshot needs any more run out', async () => {
    await backUpDaily(world, vault, 5);
    await renew();
    const [dropped] = (await packRecords(world, vault)).filter(({ droppedBy }) => droppedBy);
    const before = await locksOf(world, dropped as typeof dropped & object);
    await world.clock.moveDays(40);
    await backUpDaily(world, vault, 1);
    await renew();
    expect(await locksOf(world, dropped as typeof dropped & object)).toEqual(before);
  });

  test('keeps what is under a hold locked, beyond every end', async () => {
    await backUpDaily(world, vault, 5);
    const terms = { reason: 'litigation', reference: 'case 1' };
    await placeHold(world.services, SUPERVISOR, vault.vaultId, terms);
    for (let day = 0; day < 60; day += 1) {
      await renew();
      await world.clock.moveDays(1);
    }
    await renew();
    expect(await expectLocked()).toBeGreaterThan(15);
  });

  test('records in the ledger what S3 was told', async () => {
    await backUpDaily(world, vault, 2);
    await world.clock.moveDays(33);
    expect((await renew()).extended).toBeGreaterThan(0);
    const snapshot = (await snapshotRecords(world, vault)).at(-1) as Snapshot;
    for (const object of await snapshotObjects(world.services, snapshot)) {
      expect(await locksOf(world, object)).toEqual(Array(2).fill(new Date(snapshot.lockedUntil)));
    }
    for (const pack of await packRecords(world, vault)) {
      expect(await locksOf(world, pack)).toEqual(Array(2).fill(new Date(pack.lockedUntil)));
    }
    expect(world.telemetry.total('LocksExtended')).toBeGreaterThan(0);
  });

  test('leaves an erased vault alone', async () => {
    await backUpDaily(world, vault, 1);
    await world.clock.moveDays(34);
    const stored = await world.ledger.get('vault', vault.vaultId);
    const record: Vault = { ...(stored?.record as Vault), state: 'ERASED' };
    await world.ledger.write([{ record, expect: stored?.version ?? 0 }]);
    expect(await renew()).toMatchObject({ vaults: 1, extended: 0 });
  });
});

describe('a renewal that cannot do all', () => {
  test('renews one copy while the other is down, and the other when it is back', async () => {
    const other = await registeredVault(world, { reference: 'A-2', policyId: 'consent-only' });
    await backUpDaily(world, vault, 1);
    sourceOf(world, other).put('a', 'b');
    await backUp(world, other);
    await world.clock.moveDays(33);
    world.copies.secondary.available = false;
    await expect(renew()).rejects.toMatchObject({ code: 'COPY_UNAVAILABLE' });
    expect(world.telemetry.eventsNamed('renewal.incomplete')).toHaveLength(2);
    const now = world.clock.now();
    world.copies.secondary.available = true;
    for (const each of [vault, other]) {
      for (const pack of await packRecords(world, each)) {
        const [primary, secondary] = await locksOf(world, pack);
        expect(primary?.getTime()).toBeGreaterThan(now.getTime() + 30 * 86_400_000);
        expect(secondary?.getTime()).toBeLessThan(now.getTime() + 30 * 86_400_000);
      }
    }
    await renew();
    await expectLocked();
  });

  test('renews one copy while the other denies it, and says so', async () => {
    await backUpDaily(world, vault, 1);
    await world.clock.moveDays(33);
    const secondary = denying(world.copies.secondary, 'extendLock');
    const services = { ...world.services, copies: { ...world.copies, secondary } };
    await expect(renew(services)).rejects.toMatchObject({
      code: 'COPY_DENIED',
      data: { copy: 'secondary' },
    });
    const told = { vaultId: vault.vaultId, failure: 'COPY_DENIED', failed: 3 };
    expect(world.telemetry.eventsNamed('renewal.incomplete')).toMatchObject([told]);
    const least = world.clock.now().getTime() + 30 * 86_400_000;
    for (const pack of await packRecords(world, vault)) {
      const [first, second] = await locksOf(world, pack);
      expect(first?.getTime()).toBeGreaterThan(least);
      expect(second?.getTime()).toBeLessThan(least);
      expect(Date.parse(pack.lockedUntil)).toBeLessThan(least);
    }
    await renew();
    await expectLocked();
  });

  test('extends locks in the other copies of an object although it is missing in one', async () => {
    const [snapshot] = await backUpDaily(world, vault, 1);
    await world.clock.moveDays(33);
    const { key, versions } = (snapshot as Snapshot).seal;
    world.copies.primary.lose(key, versions.primary ?? '');
    await expect(renew()).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
    const [, secondary] = await locksOf(world, (snapshot as Snapshot).seal);
    expect(secondary?.getTime()).toBeGreaterThan(world.clock.now().getTime() + 30 * 86_400_000);
  });

  test.each(['before', 'after'] as const)(
    'killed %s any call, is completed by the next',
    async (when) => {
      await backUpDaily(world, vault, 4);
      await world.clock.moveDays(33);
      for (let point = 1; ; point += 1) {
        const stopping = stoppingAfter(world.services, point, when);
        const outcome = await renew(stopping.services).catch((error: unknown) => error);
        if (!(outcome instanceof Error)) {
          expect(point).toBeGreaterThan(15);
          break;
        }
      }
      await renew();
      await expectLocked();
    },
  );

  test('hands over to the next one when its time is over, and nothing is left out', async () => {
    const others = await Promise.all(
      ['A-2', 'A-3'].map((reference) =>
        registeredVault(world, { reference, policyId: 'consent-only' }),
      ),
    );
    for (const each of [vault, ...others]) {
      sourceOf(world, each).put('a', 'b');
      await backUp(world, each);
    }
    await world.clock.moveDays(33);
    // Enough for the seals and packs of all three, and for no more.
    const times = Array(6).fill(true).values();
    const summary = await renewLocks(world.services, () => times.next().value ?? false);
    expect(summary).toMatchObject({ isHandedOver: true });
    expect(world.pipeline.passes).toHaveLength(1);
    const rest = await renewLocks(world.services, always, world.pipeline.passes[0]?.after);
    expect(rest).toMatchObject({ isHandedOver: false });
    await expectLocked();
    expect(await renew()).toMatchObject({ vaults: 3, extended: 0 });
  });

  test('goes on with the seals where its time was over, and extends no lock before', async () => {
    await backUpDaily(world, vault, 5);
    await world.clock.moveDays(33);
    const { services, calls } = counting(world.services);
    const times = [true, true, true, true].values();
    const summary = await renewLocks(services, () => times.next().value ?? false);
    expect(summary).toMatchObject({ isHandedOver: true, extended: 0 });
    const read = calls.map(({ method }) => method);
    expect(read).toEqual(['read', 'read', 'read']);
    const rest = await renewLocks(services, always, world.pipeline.passes[0]?.after);
    expect(rest.extended).toBeGreaterThan(0);
    expect(calls.filter(({ method }) => method === 'read')).toHaveLength(5);
    await expectLocked();
  });

  test('is not handed over for ever when no invocation does anything', async () => {
    await backUpDaily(world, vault, 1);
    await world.clock.moveDays(33);
    await expect(renewLocks(world.services, () => false)).rejects.toMatchObject({
      code: 'PASS_STUCK',
    });
    expect(world.pipeline.passes).toEqual([]);
  });
});
