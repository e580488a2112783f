import { beforeEach, describe, expect, test } from 'vitest';
import { RENEW_AHEAD_DAYS } from '../../shared/domain/lock.ts';
import type { Pack, Snapshot, Vault } from '../../shared/domain/records.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { checkProtection } from '../../shared/protection/check-protection.ts';
import { repairCopies } from '../../shared/repair/repair-copies.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { denying } from '../support/denying-copy.ts';
import { holdingInstallation } from '../support/holding-world.ts';
import { moveToHourOf } from '../support/hour-of-vault.ts';
import { OPERATOR, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { backUpDaily, packRecords, snapshotRecords } from '../support/retained-vault.ts';

const HOUR_MS = 3_600_000;

let world: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  world = holdingInstallation();
  vault = await registeredVault(world, { policyId: 'consent-only' });
  await backUpDaily(world, vault, 3);
});

const moveToItsHour = (days: number) => moveToHourOf(world, vault, days);
const denied = () => denying(world.copies.secondary, 'inspect');
const renew = () => renewLocks(world.services, () => true);
const check = () => checkProtection(world.services);

describe('the coverage of locks', () => {
  test('is whole as long as the renewal works, whatever day it is', async () => {
    for (let day = 0; day < 60; day += 1) {
      await renew();
      await moveToItsHour(1);
      const { locksShort, lockDelayDays } = await check();
      expect(locksShort).toBe(0);
      // What became due since the renewal of the day is extended by the next one.
      expect(lockDelayDays).toBeLessThanOrEqual(1.1);
    }
  });

  test('is asked in one hour of each day', async () => {
    await moveToItsHour(1);
    let asked = 0;
    for (let hour = 0; hour < 24; hour += 1) {
      const inspect = world.copies.primary.inspect.bind(world.copies.primary);
      let questions = 0;
      const primary = Object.assign(Object.create(world.copies.primary), {
        inspect: async (key: string, version: string) => {
          questions += 1;
          return inspect(key, version);
        },
      });
      const copies = { ...world.copies, primary };
      await checkProtection({ ...world.services, copies });
      // The newest snapshot alone is asked after in every hour, as long as it is young.
      asked += questions > 6 ? 1 : 0;
      await world.clock.moveTo(new Date(world.clock.now().getTime() + HOUR_MS));
    }
    expect(asked).toBe(1);
  });

  test('tells days before it happens that the renewal has stopped', async () => {
    const delays: number[] = [];
    let firstShort: number | null = null;
    for (let day = 0; day < 60; day += 1) {
      await moveToItsHour(1);
      const { locksShort, lockDelayDays } = await check();
      delays.push(lockDelayDays);
      firstShort ??= locksShort > 0 ? delays.length - 1 : null;
    }
    expect(firstShort).not.toBeNull();
    const rings = delays.findIndex((delay, day) => delay > 2 && (delays[day + 1] ?? 0) > 2) + 1;
    expect(rings).toBeGreaterThan(0);
    expect((firstShort ?? 0) - rings).toBeGreaterThanOrEqual(3);
    expect(delays[firstShort ?? 0]).toBeGreaterThan(RENEW_AHEAD_DAYS);
    expect(world.telemetry.eventsNamed('locks.late').at(-1)).toMatchObject({
      vaultId: vault.vaultId,
      lapse: expect.stringMatching(/^20/),
    });
  });

  test('is what S3 says, not what the ledger has', async () => {
    await renew();
    const pack = (await packRecords(world, vault)).at(-1);
    world.copies.secondary.unlock(pack?.key ?? '', pack?.versions.secondary ?? '');
    await moveToItsHour(0);
    const { locksShort, lockDelayDays } = await check();
    expect(locksShort).toBe(1);
    expect(lockDelayDays).toBeGreaterThan(100);
  });

  test('is reckoned from the ledger while a Region is down', async () => {
    await moveToItsHour(45);
    world.copies.secondary.available = false;
    await renew().catch(() => undefined);
    const down = await check();
    expect(down.lockDelayDays).toBeGreaterThan(2);
    world.copies.secondary.available = true;
    await renew();
    expect(await check()).toMatchObject({ locksShort: 0, lockDelayDays: 0 });
  });

  test.each(['is down', 'denies the question'])('is unknown where a copy %s', async (why) => {
    await renew();
    await moveToItsHour(2);
    const known = await check();
    expect(known).toMatchObject({ locksShort: 0, locksUnknown: 0 });
    await moveToItsHour(1);
    world.copies.secondary.available = why !== 'is down';
    const secondary = why === 'is down' ? world.copies.secondary : denied();
    const services = { ...world.services, copies: { ...world.copies, secondary } };
    const { locksShort, locksUnknown } = await checkProtection(services);
    expect(locksShort).toBe(0);
    expect(locksUnknown).toBeGreaterThan(4);
    expect(world.telemetry.eventsNamed('locks.unknown')).toMatchObject([
      { vaultId: vault.vaultId, unknown: locksUnknown },
    ]);
  });

  test('is short where an object of a protected snapshot is in one copy only', async () => {
    await renew();
    const pack = (await packRecords(world, vault)).at(-1) as Pack;
    const stored = await world.ledger.get('pack', vault.vaultId, pack.packId);
    const versions = { ...pack.versions, primary: null };
    await world.ledger.write([{ record: { ...pack, versions }, expect: stored?.version ?? 0 }]);
    await moveToItsHour(1);
    expect((await check()).locksShort).toBe(1);
  });

  test('waits for the repair of what an outage has left in one copy', async () => {
    world.copies.primary.available = false;
    await backUpDaily(world, vault, 1);
    world.copies.primary.available = true;
    const [, , , older] = await snapshotRecords(world, vault);
    expect(older?.protectionState).toBe('single-copy');
    await backUpDaily(world, vault, 1);
    await renew();
    await moveToItsHour(1);
    // The newest is in both copies: it needs nothing of what the outage has left.
    expect(await check()).toMatchObject({ locksShort: 0, unprotected: 1 });
    await repairCopies(world.services);
    await moveToItsHour(1);
    expect(await check()).toMatchObject({ locksShort: 0, unprotected: 0 });
  });

  test('counts an older snapshot that waits for its repair', async () => {
    const [first] = await snapshotRecords(world, vault);
    const { vaultId, snapshotId } = first as Snapshot;
    const stored = await world.ledger.get('snapshot', vaultId, snapshotId);
    const record = { ...(first as Snapshot), protectionState: 'single-copy' as const };
    await world.ledger.write([{ record, expect: stored?.version ?? 0 }]);
    expect((await check()).unprotected).toBe(1);
    expect(world.telemetry.total('SingleCopySnapshots')).toBe(1);
  });

  test('is satisfied by a legal hold', async () => {
    const terms = { reason: 'litigation', reference: 'case 1' };
    await placeHold(world.services, OPERATOR, vault.vaultId, terms);
    await moveToItsHour(45);
    expect(await check()).toMatchObject({ locksShort: 0, lockDelayDays: 0 });
  });
});
