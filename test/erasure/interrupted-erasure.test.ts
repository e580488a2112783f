import { describe, expect, test } from 'vitest';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { findBrokenLink } from '../../shared/domain/audit-chain.ts';
import type { Erasure } from '../../shared/domain/erasure-records.ts';
import { type KeyTier, tierOf } from '../../shared/domain/key-tier.ts';
import type { AuditEntry, Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures, advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import { approveErasure } from '../../shared/erasure/approve-erasure.ts';
import { cancelErasure } from '../../shared/erasure/cancel-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { findLatestErasure } from '../../shared/erasure/find-erasure.ts';
import type { KeyEvent } from '../../shared/erasure/key-event.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { requestErasure, statementsOf } from '../../shared/erasure/request-erasure.ts';
import { showPlan } from '../../shared/erasure/show-plan.ts';
import { approveRelease } from '../../shared/holds/approve-release.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { requestRelease } from '../../shared/holds/request-release.ts';
import type { Services } from '../../shared/ports/services.ts';
import { keyStates, LONG_OVER } from '../support/erasing.ts';
import { LAWSUIT } from '../support/holding-world.ts';
import { OPERATOR, registeredVault, SUPERVISOR, vaultNow } from '../support/living-installation.ts';
import { type MemoryServices, memoryServices } from '../support/memory-services.ts';
import { samplePack } from '../support/sample-records.ts';
import { stoppingAfter } from '../support/stopping-services.ts';

/** A world whose key events wait until somebody delivers them. */
interface Scene {
  readonly world: MemoryServices;
  readonly vault: Vault;
  readonly other: Vault;
  /** Events that were not delivered yet, or whose delivery failed. */
  readonly trail: KeyEvent[];
}

/** What people and schedules do, until it is done; whoever is cut off does it again. */
interface Step {
  readonly isDone: (scene: Scene) => Promise<boolean>;
  readonly act: (scene: Scene, services: Services) => Promise<unknown>;
}

async function scene(tier: KeyTier): Promise<Scene> {
  const world = memoryServices();
  const trail: KeyEvent[] = [];
  world.custody.onKeyEvent(async (event) => void trail.push(event));
  const vault = await registeredVault(world, { policyId: 'consent-only', tier });
  const other = await registeredVault(world, { reference: 'A-2' });
  const pack = samplePack(vault.vaultId, world.ids.next());
  await world.ledger.write([{ record: pack, expect: 'absent' }]);
  return { world, vault, other, trail };
}

/** Whoever acts reaches the erasing function by way of services that may die as well. */
function wire({ world }: Scene, services: Services): void {
  world.pipeline.wire({ advanceErasure: (vaultId) => advanceErasure(services, vaultId) });
}

async function drive(set: Scene, services: Services, steps: readonly Step[]): Promise<void> {
  wire(set, services);
  for (const step of steps) {
    for (let tries = 0; !(await step.isDone(set)); tries += 1) {
      expect(tries).toBeLessThan(30);
      await step.act(set, services);
    }
  }
}

async function erasureOf({ world, vault }: Scene): Promise<Erasure | undefined> {
  const now = await vaultNow(world, vault.vaultId);
  return (await findLatestErasure(world.ledger, now))?.record;
}

async function entriesOf({ world, vault: { vaultId } }: Scene): Promise<AuditEntry[]> {
  return Array.fromAsync(world.ledger.list('audit', { chainId: vaultId }), ({ record }) => record);
}

/** The hourly passes, and the events since the last of them. */
async function pass({ trail }: Scene, services: Services): Promise<void> {
  await advanceDueErasures(services);
  for (let event = trail[0]; event !== undefined; event = trail[0]) {
    await recordKeyEvent(services, event);
    trail.shift();
  }
  await confirmDueErasures(services);
}

const REQUEST: Step = {
  isDone: async (set) => (await erasureOf(set)) !== undefined,
  act: ({ vault }, services) => requestErasure(services, OPERATOR, vault.vaultId, LONG_OVER),
};

const APPROVE: Step = {
  isDone: async (set) => (await erasureOf(set))?.state !== 'REQUESTED',
  act: async (set, services) => {
    const { vaultId } = set.vault;
    const { erasureId, plan } = await showPlan(services, vaultId, statementsOf(LONG_OVER));
    const body = { erasureId: erasureId ?? '', planHash: plan.hash };
    return approveErasure(services, SUPERVISOR, vaultId, body);
  },
};

/** Days go by, with passes in between, until something has happened. */
function wait(until: string): Step {
  return {
    isDone: async (set) => {
      const happened = (await entriesOf(set)).some(({ action }) => action === until);
      return happened && set.trail.length === 0;
    },
    act: async (set, services) => {
      await set.world.clock.moveDays(4);
      await pass(set, services);
    },
  };
}

const holdsOf = async ({ world, vault }: Scene) =>
  Array.fromAsync(world.ledger.list('hold', { vaultId: vault.vaultId }), ({ record }) => record);

const HOLD: Step = {
  isDone: async (set) => (await holdsOf(set)).length > 0,
  act: ({ vault }, services) => placeHold(services, OPERATOR, vault.vaultId, LAWSUIT),
};

/** Long enough for every waiting period, had it not been called off. */
const SIT_OUT: Step = {
  isDone: async ({ world }) => world.clock.now() > new Date('2026-12-15T00:00:00Z'),
  act: async (set, services) => {
    await pass(set, services);
    await set.world.clock.moveDays(45);
  },
};

const RELEASE: Step = {
  isDone: async (set) => (await vaultNow(set.world, set.vault.vaultId)).holds === 0,
  act: async (set, services) => {
    const [hold] = await holdsOf(set);
    const address = { vaultId: set.vault.vaultId, holdId: hold?.holdId ?? '' };
    if (hold?.releaseRequest === null) {
      await requestRelease(services, OPERATOR, address, { reason: 'closed' });
    }
    await approveRelease(services, SUPERVISOR, address);
  },
};

const CANCEL: Step = {
  isDone: async (set) => (await erasureOf(set))?.state === 'CANCELLED',
  act: async (set, services) => {
    const erasure = (await erasureOf(set)) as Erasure;
    const signed = erasure.cancellations.map(({ by }) => by);
    const next = [OPERATOR, SUPERVISOR].find((actor) => !signed.includes(actor));
    await (next === undefined
      ? pass(set, services)
      : cancelErasure(services, next, set.vault.vaultId, erasure));
  },
};

const ERASED = wait('erasure.erased');
/** With its first pass: this policy has no grace. */
const SCHEDULED: Step = {
  isDone: wait('erasure.scheduled').isDone,
  act: pass,
};

async function expectErased(set: Scene): Promise<void> {
  const { world, vault, other } = set;
  expect((await vaultNow(world, vault.vaultId)).state).toBe('ERASED');
  expect(await keyStates(world, vault)).toEqual(['Gone', 'Gone']);
  expect(await keyStates(world, other)).toEqual(['Enabled', 'Enabled']);
  const { evidence, probes } = (await erasureOf(set)) as Erasure;
  for (const copy of ['primary', 'secondary'] as const) {
    expect(evidence[copy]?.kind).toBe(
      tierOf(vault.keys) === 'dedicated' ? 'event' : 'entry-deleted',
    );
    expect(probes[copy]?.outcome).toBe('refused');
  }
  await expectOneOfEach(set, ['erasure.requested', 'erasure.approved', 'erasure.erased']);
}

async function expectCancelled({ world, vault, ...set }: Scene): Promise<void> {
  await pass({ world, vault, ...set }, world.services);
  await world.clock.moveDays(40);
  expect(await keyStates(world, vault)).toEqual(['Enabled', 'Enabled']);
  expect((await vaultNow(world, vault.vaultId)).state).toBe('ACTIVE');
  await expectOneOfEach({ world, vault, ...set }, ['erasure.approved', 'erasure.cancelled']);
  await requestBackup(world.services, OPERATOR, vault.vaultId);
}

async function expectOneOfEach(set: Scene, actions: string[]): Promise<void> {
  const { world, vault } = set;
  const entries = await entriesOf(set);
  expect(findBrokenLink(entries, (await vaultNow(world, vault.vaultId)).audit)).toBeUndefined();
  const counts = actions.map((name) => entries.filter(({ action }) => action === name).length);
  expect(counts).toEqual(actions.map(() => 1));
  expect(world.telemetry.total('UnexpectedKeyEvent')).toBe(0);
}

interface Process {
  readonly steps: readonly Step[];
  readonly expectEnd: (set: Scene) => Promise<void>;
  readonly tier: KeyTier;
}

const PROCESSES: Readonly<Record<string, Process>> = {
  'an erasure': { steps: [REQUEST, APPROVE, ERASED], expectEnd: expectErased, tier: 'dedicated' },
  'an erasure of branch keys': {
    steps: [REQUEST, APPROVE, ERASED],
    expectEnd: async (set) => {
      await expectErased(set);
      await expectOneOfEach(set, ['erasure.destroying']);
    },
    tier: 'shared-root',
  },
  'an erasure under a hold, released': {
    steps: [REQUEST, APPROVE, SCHEDULED, HOLD, SIT_OUT, RELEASE, ERASED],
    expectEnd: expectErased,
    tier: 'dedicated',
  },
  'an erasure that is cancelled': {
    steps: [REQUEST, APPROVE, SCHEDULED, CANCEL],
    expectEnd: expectCancelled,
    tier: 'dedicated',
  },
};

describe('killed at any point', () => {
  test.each(Object.keys(PROCESSES))(
    '%s comes to its end',
    async (name) => {
      const { steps, expectEnd, tier } = PROCESSES[name] as Process;
      const whole = await scene(tier);
      const counting = stoppingAfter(whole.world.services, Number.POSITIVE_INFINITY, 'before');
      await drive(whole, counting.services, steps);
      await expectEnd(whole);
      const points = counting.calls();
      for (const when of ['before', 'after'] as const) {
        let passed = 0;
        for (let point = 1; point <= points; point += 1) {
          const cut = await scene(tier);
          const stopping = stoppingAfter(cut.world.services, point, when);
          const outcome = await drive(cut, stopping.services, steps).catch((error) => error);
          expect(outcome).toBe(stopping.failure);
          await drive(cut, cut.world.services, steps);
          await expectEnd(cut);
          passed += 1;
        }
        console.info(`${name}, killed ${when} the call: ${passed} of ${points} points`);
      }
      expect(points).toBeGreaterThan(50);
    },
    180_000,
  );
});
