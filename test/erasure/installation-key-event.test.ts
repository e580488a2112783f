import { beforeEach, describe, expect, test } from 'vitest';
import { findBrokenLink, INSTALLATION_CHAIN } from '../../shared/domain/audit-chain.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { requireChainOwner } from '../../shared/registry/find-chain.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';
import type { OwnKeys } from '../support/memory-installation-keys.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const SOMEBODY = 'arn:aws:iam::111122223333:user/somebody';

let living: MemoryServices;
let own: OwnKeys;

beforeEach(async () => {
  living = livingInstallation();
  own = await living.installationKeys.make();
});

const somebody = () => living.custody.actingAs(SOMEBODY);
const alarms = () => living.telemetry.total('InstallationKeyEvent');
const stateOf = async (key: string) => (await living.custody.state(key)).state;

describe("somebody who switches one of the installation's own keys", () => {
  test('stops no vault: a disabled root key is enabled at once, with an alarm', async () => {
    await somebody().disable(own.root.secondary);
    expect(await stateOf(own.root.secondary)).toBe('Enabled');
    expect(alarms()).toBe(1);
  });

  test('ends no vault: a scheduled deletion is called off, and a year later it lives', async () => {
    await somebody().scheduleDeletion(own.root.primary, 7);
    await living.clock.moveDays(365);
    expect(await stateOf(own.root.primary)).toBe('Enabled');
    expect(alarms()).toBe(1);
  });

  test('does not keep certificates from being signed', async () => {
    await somebody().disable(own.signing);
    expect(await stateOf(own.signing)).toBe('Enabled');
    expect(alarms()).toBe(1);
  });

  test('is named by what was done, in words, and by nothing that identifies a person', async () => {
    await somebody().scheduleDeletion(own.root.primary, 7);
    expect(living.telemetry.eventsNamed('installation-key.event')).toEqual([
      {
        key: 'root',
        region: 'eu-central-1',
        eventId: 'event-000001',
        eventName: 'ScheduleKeyDeletion',
        isNamed: true,
        what:
          'the root key of the tier shared-root was scheduled for deletion: nothing can be done ' +
          'with it',
      },
    ]);
    expect(JSON.stringify(living.telemetry.events)).not.toContain('somebody');
  });

  test.each(['CancelKeyDeletion', 'EnableKey', 'PutKeyPolicy'])(
    'alarms for %s too',
    async (name) => {
      const event = { eventId: 'e-1', eventName: name, eventTime: '2026-11-02T08:00:00.000Z' };
      const where = { region: 'eu-central-1', keyArn: own.signing, actorArn: SOMEBODY };
      await recordKeyEvent(living.services, { ...event, ...where });
      expect(alarms()).toBe(1);
    },
  );
});

test('a destroyed root key alarms, although its alias is gone with it', async () => {
  const { keys: others } = await living.custody.create('others', 'dedicated');
  living.installationKeys.restore = async () => false;
  await somebody().scheduleDeletion(own.root.secondary, 7);
  await living.clock.moveDays(7);
  expect(await stateOf(own.root.secondary)).toBe('Gone');
  expect(alarms()).toBe(2);
  // It may have been the one, and is not Holdfast's to enable.
  living.installationKeys.restore = () => Promise.reject(new Error('not its own'));
  await somebody().disable(others.secondary);
  expect(alarms()).toBe(3);
  expect(await stateOf(others.secondary)).toBe('Disabled');
});

test("all of it is in the installation's audit chain, once, and who did it", async () => {
  await somebody().disable(own.root.primary);
  const [event] = living.telemetry.eventsNamed('installation-key.event');
  await recordKeyEvent(living.services, {
    eventId: String(event?.eventId),
    eventName: 'DisableKey',
    eventTime: '2026-11-02T08:00:00.000Z',
    region: 'eu-central-1',
    keyArn: own.root.primary,
    actorArn: SOMEBODY,
  });
  const listed = living.ledger.list('audit', { chainId: INSTALLATION_CHAIN });
  const entries = await Array.fromAsync(listed, ({ record }) => record);
  const said = entries.map(({ action, details: { caller, expected, key } }) => {
    return [action, key, caller === SOMEBODY, expected];
  });
  expect(said).toEqual([
    ['installation-key.DisableKey', 'root', true, false],
    ['installation-key.EnableKey', 'root', false, true],
  ]);
  const { audit } = await requireChainOwner(living.ledger, INSTALLATION_CHAIN);
  expect(findBrokenLink(entries, audit)).toBeUndefined();
  expect(alarms()).toBe(2);
});

test('what happens to keys of vaults and of others is none of this', async () => {
  const vault = await registeredVault(living);
  const { keys: others } = await living.custody.create('others', 'dedicated');
  await somebody().disable(vault.keys.primary);
  await somebody().disable(others.primary);
  expect(alarms()).toBe(0);
  expect(await stateOf(others.primary)).toBe('Disabled');
});
