import { beforeEach, describe, expect, test } from 'vitest';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { compareKeys } from '../../shared/erasure/compare-keys.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { changeVault } from '../../shared/registry/change-vault.ts';
import { approved, cancelled, erasureNow } from '../support/erasing.ts';
import { LAWSUIT, release } from '../support/holding-world.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const HOUR_MS = 3_600_000;
const always = () => true;

let world: MemoryServices;
const compare = () => compareKeys(world.services, always);
const moveHours = (hours: number) =>
  world.clock.moveTo(new Date(world.clock.now().getTime() + hours * HOUR_MS));
const missing = () => world.telemetry.measures.findLast((m) => m.metric === 'KeyEventsMissing');

beforeEach(() => {
  world = livingInstallation();
});

describe('the comparison of keys', () => {
  test.each(['dedicated', 'shared-root'] as const)(
    'finds nothing wrong at any hour of an erasure of our own, tier %s',
    async (tier) => {
      const vault = await registeredVault(world, { policyId: 'consent-only', tier });
      await compare();
      const held = await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
      await release(world, { vaultId: vault.vaultId, holdId: held.holdId });
      await cancelled(world, await approved(world, vault));
      for (let hour = 0; hour < 5; hour += 1) {
        await moveHours(1);
        await compare();
      }
      const erasure = await approved(world, vault);
      for (let hour = 0; hour < 9 * 24; hour += 1) {
        // The comparison may come before the hourly step as well as after it.
        await compare();
        await advanceDueErasures(world.services);
        await confirmDueErasures(world.services);
        await compare();
        await moveHours(1);
      }
      expect((await erasureNow(world, erasure)).state).toBe('ERASED');
      expect(world.telemetry.total('UnexpectedKeyEvent')).toBe(0);
      expect(world.telemetry.total('KeyEventsMissing')).toBe(0);
    },
  );

  test('judges nothing that somebody has changed meanwhile', async () => {
    const vault = await registeredVault(world);
    await moveHours(2);
    world.pipeline.wire({ restoreKeys: async () => undefined });
    await world.custody.disable(vault.keys.primary);
    const before = world.telemetry.total('UnexpectedKeyEvent');
    const custody = Object.create(world.custody, {
      states: {
        value: async (keys: Vault['keys']) => {
          const states = await world.custody.states(keys);
          await changeVault(world.services, vault.vaultId, async (present) => ({
            vault: present,
            actor: OPERATOR,
            action: 'vault.changed',
            details: {},
            also: [],
            result: null,
          }));
          return states;
        },
      },
    });
    expect(await compareKeys({ ...world.services, custody }, always)).toMatchObject({ wrong: 0 });
    expect(world.telemetry.total('UnexpectedKeyEvent')).toBe(before);
    expect(await compare()).toMatchObject({ wrong: 1 });
  });

  test('stops asking a Region whose key service is down, and fails', async () => {
    for (let index = 0; index < 60; index += 1) {
      await registeredVault(world, { reference: `A-${index}` });
    }
    await moveHours(2);
    world.custody.available.secondary = false;
    await expect(compare()).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE' });
    const failed = world.telemetry.eventsNamed('keys.failed').length;
    expect(failed).toBeGreaterThanOrEqual(20);
    expect(failed).toBeLessThan(40);
    expect(missing()).toBeUndefined();
  });

  test('goes on in another invocation when its time is over', async () => {
    const vaults: Vault[] = [];
    for (let index = 0; index < 30; index += 1) {
      vaults.push(await registeredVault(world, { reference: `A-${index}` }));
    }
    await moveHours(2);
    world.pipeline.wire({ restoreKeys: async () => undefined });
    const last = vaults.at(-1) as Vault;
    await world.custody.disable(last.keys.primary);
    let left = 12;
    const first = await compareKeys(world.services, () => left-- > 0);
    expect(first).toMatchObject({ isHandedOver: true, wrong: 0 });
    const [next] = world.pipeline.passes;
    expect(next?.pass).toBe('compare-keys');
    const rest = await compareKeys(world.services, always, next?.after);
    expect(rest).toMatchObject({ isHandedOver: false, wrong: 1 });
    expect(first.vaults + rest.vaults).toBeGreaterThanOrEqual(vaults.length);
  });
});

describe('events of an erasure of our own', () => {
  test('that never come are missed some hours after the suspension, for some days', async () => {
    world = livingInstallation({ keyEvents: 'lost' });
    const vault = await registeredVault(world);
    await approved(world, vault);
    await moveHours(5);
    expect(await compare()).toMatchObject({ eventsMissing: 0 });
    await moveHours(2);
    expect(await compare()).toMatchObject({ eventsMissing: 2, wrong: 0 });
    expect(missing()).toEqual({ metric: 'KeyEventsMissing', value: 2 });
    await moveHours(24);
    expect(await compare()).toMatchObject({ eventsMissing: 2 });
    await moveHours(48);
    expect(await compare()).toMatchObject({ eventsMissing: 0 });
  });

  test('that come are not missed, whatever is written afterwards', async () => {
    const vault = await registeredVault(world);
    await approved(world, vault);
    await moveHours(7);
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    expect(await compare()).toMatchObject({ eventsMissing: 0 });
    expect((await vaultNow(world, vault.vaultId)).audit.count).toBeGreaterThan(4);
  });

  test('of one Region alone leave the other one missing', async () => {
    world = livingInstallation({ keyEvents: 'lost' });
    world.custody.onKeyEvent(async (event) => {
      if (event.region === 'eu-central-1') {
        await recordKeyEvent(world.services, event);
      }
    });
    await approved(world, await registeredVault(world));
    await moveHours(7);
    expect(await compare()).toMatchObject({ eventsMissing: 1 });
    expect(world.telemetry.eventsNamed('key-event.missing').at(-1)).toMatchObject({
      copy: 'secondary',
    });
  });
});
