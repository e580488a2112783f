import { beforeEach, describe, expect, test } from 'vitest';
import type { Vault } from '../../shared/domain/records.ts';
import { checkProtection } from '../../shared/protection/check-protection.ts';
import { lastHourOf } from '../../shared/protection/lock-coverage.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import { withFaults } from '../support/faulty-service.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { counting } from '../support/retained-vault.ts';
import { sampleClient, sampleSnapshot, sampleVault } from '../support/sample-records.ts';

const HOUR_MS = 3_600_000;
const VAULTS = 1_000;
const GAUGES = [
  'BackupStaleHours',
  'RpoExceededHours',
  'SingleCopySnapshots',
  'LocksShort',
  'LockDelayDays',
  'LocksUnknown',
];

let world: MemoryServices;

beforeEach(() => {
  world = livingInstallation();
});

const moveHours = (hours: number) =>
  world.clock.moveTo(new Date(world.clock.now().getTime() + hours * HOUR_MS));

async function backedUpVaults(count: number): Promise<Vault[]> {
  const vaults: Vault[] = [];
  for (let index = 0; index < count; index += 1) {
    const vault = await registeredVault(world, { reference: `A-${index}` });
    sourceOf(world, vault).put('a.txt', Buffer.from('one record'));
    await backUp(world, vault);
    vaults.push(vault);
  }
  return vaults;
}

const checkOf = async ({ vaultId }: Vault) =>
  (await world.ledger.get('protection', vaultId))?.record;

describe('a check of many vaults', () => {
  test('asks a copy that is down a few times, not for each of 1,000 vaults', async () => {
    for (let index = 0; index < VAULTS; index += 1) {
      const [clientId, vaultId, snapshotId] = [
        world.ids.next(),
        world.ids.next(),
        world.ids.next(),
      ];
      const lastSnapshotAt = world.clock.now().toISOString();
      const vault = sampleVault(vaultId, { clientId, lastSnapshotId: snapshotId, lastSnapshotAt });
      const records = [sampleClient(clientId), vault, sampleSnapshot(vaultId, snapshotId)];
      await world.ledger.write(records.map((record) => ({ record, expect: 'absent' })));
    }
    world.copies.secondary.available = false;
    const { services, calls } = counting(world.services);
    expect(await checkProtection(services)).toMatchObject({
      vaults: VAULTS,
      unprotected: VAULTS,
    });
    const failing = calls.filter(({ key }) => key.startsWith('secondary '));
    expect(failing.length).toBeGreaterThan(0);
    expect(failing.length).toBeLessThan(50);
  });

  test('reports what it has seen when its time is over, and leaves none out', async () => {
    const vaults = await backedUpVaults(30);
    await moveHours(30);
    let after: string | undefined;
    let seen = 0;
    for (let invocation = 1; ; invocation += 1) {
      const before = world.telemetry.measures.length;
      let questions = 0;
      const summary = await checkProtection(world.services, () => ++questions <= 60, after);
      expect(world.telemetry.measures.slice(before).map(({ metric }) => metric)).toEqual(GAUGES);
      expect(summary.staleHours).toBe(6);
      seen += summary.vaults;
      if (!summary.isHandedOver) {
        expect(invocation).toBeGreaterThan(3);
        break;
      }
      expect(world.pipeline.passes).toHaveLength(invocation);
      expect(world.pipeline.passes.at(-1)?.pass).toBe('check-protection');
      after = world.pipeline.passes.at(-1)?.after;
    }
    expect(seen).toBe(vaults.length);
    for (const vault of vaults) {
      expect((await checkOf(vault))?.locksAskedAt).not.toBeNull();
    }
  });

  test('whose time is over at once reports nothing: silence rings', async () => {
    await backedUpVaults(1);
    await expect(checkProtection(world.services, () => false)).rejects.toMatchObject({
      code: 'PASS_STUCK',
    });
    expect(world.telemetry.measures.filter(({ metric }) => GAUGES.includes(metric))).toEqual([]);
  });

  test('counts a vault that it could not look at as unprotected, and fails', async () => {
    await backedUpVaults(3);
    const failure = new Error('not reached');
    const { port: ledger } = withFaults(world.services.ledger, [
      { method: 'get', call: 2, when: 'before', error: failure },
    ]);
    await expect(checkProtection({ ...world.services, ledger })).rejects.toBe(failure);
    expect(world.telemetry.total('SingleCopySnapshots')).toBe(1);
  });
});

describe('the newest snapshot', () => {
  /** @returns how many objects of it were asked for. */
  async function questions(): Promise<number> {
    const { services, calls } = counting(world.services);
    await checkProtection(services);
    return calls.length;
  }

  test('is asked after once, within the hour', async () => {
    const [vault] = (await backedUpVaults(1)) as [Vault];
    expect(await questions()).toBeGreaterThan(6);
    expect((await checkOf(vault))?.newest).toMatchObject({ state: 'protected' });
    const midday = lastHourOf(vault.vaultId, world.clock.now()).getTime() + 36 * HOUR_MS;
    await world.clock.moveTo(new Date(midday));
    await questions();
    await moveHours(1);
    expect(await questions()).toBe(0);
  });

  test('of a vault that is backed up each hour is asked after about once a day', async () => {
    const [vault] = (await backedUpVaults(1)) as [Vault];
    const asked = new Set<string>();
    for (let hour = 0; hour < 48; hour += 1) {
      await questions();
      asked.add((await checkOf(vault))?.newest?.askedAt ?? '');
      await moveHours(1);
      sourceOf(world, vault).put('a.txt', Buffer.from(`as of ${hour}`));
      await backUp(world, vault);
    }
    expect(asked.size).toBe(3);
  });

  test('that is not protected is asked after until it is', async () => {
    const [vault] = (await backedUpVaults(1)) as [Vault];
    world.copies.secondary.available = false;
    expect(await checkProtection(world.services)).toMatchObject({ unprotected: 1 });
    await moveHours(1);
    expect(await checkProtection(world.services)).toMatchObject({ unprotected: 1 });
    world.copies.secondary.available = true;
    await moveHours(1);
    expect(await checkProtection(world.services)).toMatchObject({ unprotected: 0 });
    expect((await checkOf(vault))?.newest?.state).toBe('protected');
  });

  test('that the ledger calls single-copy is not asked after before its repair', async () => {
    world.copies.secondary.available = false;
    await backedUpVaults(1);
    world.copies.secondary.available = true;
    await checkProtection(world.services);
    await moveHours(1);
    const { services, calls } = counting(world.services);
    expect(await checkProtection(services)).toMatchObject({ unprotected: 1 });
    expect(calls).toEqual([]);
  });
});

test('locks whose hour nobody looked in are asked after later', async () => {
  const [vault] = (await backedUpVaults(1)) as [Vault];
  await checkProtection(world.services);
  const next = lastHourOf(vault.vaultId, world.clock.now()).getTime() + 24 * HOUR_MS;
  await world.clock.moveTo(new Date(next + 5 * HOUR_MS));
  await checkProtection(world.services);
  expect((await checkOf(vault))?.locksAskedAt).toBe(world.clock.now().toISOString());
});
