import { beforeEach, describe, expect, test } from 'vitest';
import type { Erasure } from '../../shared/domain/erasure-records.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures, advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import type { KeyEvent } from '../../shared/erasure/key-event.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { approved, cancelled, erasureNow, requested } from '../support/erasing.ts';
import { LAWSUIT } from '../support/holding-world.ts';
import { OPERATOR, registeredVault, vaultNow } from '../support/living-installation.ts';
import { type MemoryServices, memoryServices } from '../support/memory-services.ts';

let world: MemoryServices;
let vault: Vault;
let erasure: Erasure;
/** What CloudTrail has, and a test delivers. */
let trail: KeyEvent[];

beforeEach(async () => {
  world = memoryServices();
  trail = [];
  world.custody.onKeyEvent(async (event) => void trail.push(event));
  world.pipeline.wire({ advanceErasure: (vaultId) => advanceErasure(world.services, vaultId) });
  vault = await registeredVault(world, { policyId: 'consent-only' });
  erasure = await approved(world, vault);
});

async function deliver(...events: KeyEvent[]): Promise<void> {
  for (const event of events) {
    await recordKeyEvent(world.services, event);
  }
}

const destructions = () => trail.filter(({ eventName }) => eventName === 'DeleteKey');
const stateNow = async () => (await erasureNow(world, erasure)).state;

async function pass(days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    await world.clock.moveDays(1);
    await advanceDueErasures(world.services);
    await confirmDueErasures(world.services);
  }
}

describe('evidence', () => {
  test('of one Region is not enough, however often it comes', async () => {
    await pass(7);
    const [first] = destructions();
    for (let times = 0; times < 3; times += 1) {
      await deliver(...(first ? [first] : []));
    }
    await pass(1);
    expect(await stateNow()).toBe('SCHEDULED');
    expect((await vaultNow(world, vault.vaultId)).state).toBe('ERASE_PENDING');
  });

  test.each([
    ['twice', (all: KeyEvent[]) => [...all, ...all]],
    ['in the opposite order', (all: KeyEvent[]) => all.toReversed()],
    ['before everything that led to it', (all: KeyEvent[]) => [...all.slice(-2), ...all]],
  ])('that comes %s is recorded once', async (_how, order) => {
    await pass(7);
    await deliver(...order(trail));
    await pass(1);
    expect(await stateNow()).toBe('ERASED');
    const entries = await Array.fromAsync(world.ledger.list('audit', { chainId: vault.vaultId }));
    const deleted = entries.filter(({ record }) => record.action === 'key.DeleteKey');
    expect(deleted).toHaveLength(2);
    expect(world.telemetry.total('UnexpectedKeyEvent')).toBe(0);
  });

  test('of both Regions at the same moment, each twice, is recorded once', async () => {
    await pass(7);
    await Promise.all(destructions().flatMap((event) => [deliver(event), deliver(event)]));
    expect(await stateNow()).toBe('DESTROYED');
  });

  test('of another vault’s key proves nothing', async () => {
    const other = await registeredVault(world, { reference: 'A-2' });
    await pass(7);
    const foreign = destructions().map((event, index) => ({
      ...event,
      eventId: `other-${index}`,
      keyArn: index === 0 ? other.keys.primary : other.keys.secondary,
    }));
    await deliver(...foreign);
    expect(await stateNow()).toBe('SCHEDULED');
    expect(world.telemetry.total('UnexpectedKeyEvent')).toBe(2);
  });

  test('that is lost is never made up before KMS had two days', async () => {
    await pass(8);
    expect((await erasureNow(world, erasure)).evidence).toEqual({ primary: null, secondary: null });
    await pass(1);
    const ended = await erasureNow(world, erasure);
    expect(ended.state).toBe('ERASED');
    expect(ended.evidence).toEqual({
      primary: {
        kind: 'absence',
        observedAt: '2026-11-11T08:00:00.000Z',
        region: 'eu-central-1',
        dueAt: '2026-11-09T08:00:00.000Z',
      },
      secondary: expect.objectContaining({ kind: 'absence', region: 'eu-west-1' }),
    });
  });

  test('that is lost in one Region is by absence there alone', async () => {
    await pass(7);
    await deliver(...destructions().slice(0, 1));
    await pass(2);
    const { state, evidence } = await erasureNow(world, erasure);
    expect(state).toBe('ERASED');
    expect([evidence.primary?.kind, evidence.secondary?.kind]).toEqual(['event', 'absence']);
  });

  test('by absence is not taken of a key that KMS still knows', async () => {
    await world.custody.cancelDeletion(vault.keys.secondary);
    living(false);
    await world.clock.moveDays(20);
    const states = await world.custody.states(vault.keys);
    expect([states.primary.state, states.secondary.state]).toEqual(['Gone', 'Disabled']);
    await advanceDueErasures(world.services);
    expect((await erasureNow(world, erasure)).evidence.secondary).toBeNull();
    expect(await stateNow()).toBe('SCHEDULED');
  });

  test('by absence gives way to the event, as long as nothing is certified', async () => {
    await pass(8);
    await world.clock.moveDays(1);
    await advanceDueErasures(world.services);
    expect(await stateNow()).toBe('DESTROYED');
    await deliver(...destructions());
    await confirmDueErasures(world.services);
    const { evidence } = await erasureNow(world, erasure);
    expect([evidence.primary?.kind, evidence.secondary?.kind]).toEqual(['event', 'event']);
  });

  test('that comes after the end changes nothing and alarms nobody', async () => {
    await pass(9);
    const ended = await erasureNow(world, erasure);
    await deliver(...destructions());
    expect(await erasureNow(world, erasure)).toEqual(ended);
    expect(world.telemetry.total('UnexpectedKeyEvent')).toBe(0);
  });
});

describe('with one key destroyed', () => {
  /** Somebody calls the other deletion off, so that it comes three days later. */
  async function oneKeyGone(): Promise<void> {
    await pass(3);
    await world.custody.cancelDeletion(vault.keys.secondary);
    await advanceErasure(world.services, vault.vaultId);
    await pass(4);
    const { primary, secondary } = await world.custody.states(vault.keys);
    expect([primary.state, secondary.state]).toEqual(['Gone', 'PendingDeletion']);
  }

  test('it is too late to cancel', async () => {
    await oneKeyGone();
    await deliver(...destructions());
    await expect(cancelled(world, erasure)).rejects.toMatchObject({ code: 'TOO_LATE_TO_CANCEL' });
  });

  test('a cancellation that did not know destroys the other one too', async () => {
    await oneKeyGone();
    expect((await cancelled(world, erasure)).state).toBe('SCHEDULED');
    await pass(8);
    await deliver(...destructions());
    await pass(1);
    expect((await vaultNow(world, vault.vaultId)).state).toBe('ERASED');
  });
});

describe('an overdue erasure', () => {
  const overdue = async (): Promise<number> => {
    await advanceDueErasures(world.services).catch(() => undefined);
    return world.telemetry.measures.at(-1)?.value ?? Number.NaN;
  };

  test('is none while everything goes its way, and that is reported too', async () => {
    expect(await overdue()).toBe(0);
    await pass(9);
    expect(await overdue()).toBe(0);
  });

  test('is one whose keys KMS was to destroy and did not', async () => {
    living(false);
    await world.clock.moveDays(9);
    world.custody.available.primary = false;
    await world.clock.moveDays(1);
    // Seven days of waiting, and 51 hours in which it might still have been seen.
    expect(await overdue()).toBeCloseTo(21);
  });

  test('is one whose keys cannot be disabled', async () => {
    const other = await registeredVault(world, { reference: 'A-2' });
    living(false);
    await approved(world, other);
    world.custody.available.secondary = false;
    await world.clock.moveTo(new Date('2026-11-02T12:00:00Z'));
    expect(await overdue()).toBeCloseTo(1);
  });

  test('is a request that nobody approves or withdraws', async () => {
    const other = await registeredVault(world, { reference: 'A-2' });
    await requested(world, other);
    await pass(7);
    expect(await overdue()).toBe(0);
    await world.clock.moveDays(1);
    expect(await overdue()).toBeCloseTo(24);
  });

  test('is none that stands still under a hold', async () => {
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    await world.clock.moveDays(100);
    expect(await overdue()).toBe(0);
  });
});

/** Whether the erasing function hears of decisions at once. */
function living(isReached: boolean): void {
  world.pipeline.wire({
    advanceErasure: async (vaultId) =>
      isReached ? advanceErasure(world.services, vaultId) : undefined,
  });
}
