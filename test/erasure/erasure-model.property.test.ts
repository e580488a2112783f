import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestErasureBody } from '../../shared/admin-api/messages.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { findBrokenLink } from '../../shared/domain/audit-chain.ts';
import { isFault } from '../../shared/domain/errors.ts';
import { KEY_TIERS, type KeyTier } from '../../shared/domain/key-tier.ts';
import { addDays, formatLocalDate } from '../../shared/domain/local-date.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { approveErasure } from '../../shared/erasure/approve-erasure.ts';
import { cancelErasure } from '../../shared/erasure/cancel-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { findLatestErasure } from '../../shared/erasure/find-erasure.ts';
import { requestErasure, statementsOf } from '../../shared/erasure/request-erasure.ts';
import { showPlan } from '../../shared/erasure/show-plan.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { keyStates } from '../support/erasing.ts';
import { LAWSUIT, release } from '../support/holding-world.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import {
  approveIn,
  isRestrictedNow,
  type Model,
  newModel,
  nextDay,
  type Seen,
  seenOf,
  settle,
} from './erasure-model.ts';

const THIRD = 'arn:aws:iam::111122223333:user/second-supervisor';
const SOMEBODY = 'arn:aws:iam::111122223333:user/somebody';
/** Ten years before the first day. */
const TEN_YEARS_AGO = { year: 2016, month: 11, day: 2 };

interface Real {
  readonly world: MemoryServices;
  readonly vault: Vault;
  /** Holds in force, the oldest first. */
  readonly holds: string[];
}

/** What a command says to the real thing, and what the model says it answers. */
interface Command {
  readonly text: string;
  /** Default: whatever the tier. */
  readonly tier?: KeyTier;
  /** @returns the code of the refusal, or `done`. */
  readonly expected: (model: Model) => string;
  readonly act: (real: Real) => Promise<unknown>;
}

class ModelCommand implements fc.AsyncCommand<Model, Real> {
  readonly #command: Command;

  constructor(command: Command) {
    this.#command = command;
  }

  check = ({ tier }: Readonly<Model>) => (this.#command.tier ?? tier) === tier;

  toString = () => this.#command.text;

  async run(model: Model, real: Real): Promise<void> {
    const expected = this.#command.expected(model);
    const answer = await this.#command.act(real).then(
      () => 'done',
      (error) => (isFault(error) ? error.code : error),
    );
    expect(answer).toEqual(expected);
    expect(await look(real)).toEqual(seenOf(model));
  }
}

async function look({ world, vault }: Real): Promise<Seen> {
  const now = await vaultNow(world, vault.vaultId);
  const [primary, secondary] = await keyStates(world, vault);
  expect(secondary).toBe(primary);
  const erasure = (await findLatestErasure(world.ledger, now))?.record.state ?? null;
  const { vaultId } = vault;
  const snapshots = await Array.fromAsync(world.ledger.list('snapshot', { vaultId }));
  return {
    vault: now.state,
    keys: primary ?? '',
    erasure: erasure === 'CANCELLED' ? null : erasure,
    holds: now.holds,
    snapshots: snapshots.length,
  };
}

/** The vault's latest erasure, or an id that none has. */
async function latest({ world, vault }: Real) {
  const stored = await findLatestErasure(world.ledger, await vaultNow(world, vault.vaultId));
  return stored?.record ?? { erasureId: vault.vaultId, plan: { hash: '0'.repeat(64) } };
}

const person = fc.constantFrom(OPERATOR, SUPERVISOR, THIRD);
const nameOf = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1);

/** @param inDays - the law still asks to keep it for so many days from the beginning. */
const request = (by: string, inDays: number): Command => ({
  text: `request(${nameOf(by)}, lawful on day ${inDays})`,
  expected: (model) => {
    if (model.isErased) return 'VAULT_UNREADABLE';
    if (model.erasure !== null) return 'ERASURE_UNDER_WAY';
    if (model.holds > 0) return 'VAULT_HELD';
    const lawfulFrom = inDays;
    const seen = {
      snapshots: model.snapshots,
      isRestricted: isRestrictedNow(model, { lawfulFrom }),
    };
    model.erasure = {
      ...{ requester: by, seen, lawfulFrom, graceUntil: 0, destroyedOn: null },
      ...{ isApproved: false, isRestricted: false, cancelledBy: new Set() },
    };
    return 'done';
  },
  act: ({ world, vault }) => {
    // The last day kept ends before the next morning, when the passes run.
    const event = formatLocalDate(addDays(TEN_YEARS_AGO, inDays - 1));
    const body = requestErasureBody.parse({ reason: 'R', event });
    return requestErasure(world.services, by, vault.vaultId, body);
  },
});

const approve = (by: string, looksAgain: boolean): Command => ({
  text: `approve(${nameOf(by)}, ${looksAgain ? 'what is' : 'what was requested'})`,
  expected: (model) => {
    const { erasure } = model;
    if (erasure === null || model.isErased) return 'ERASURE_UNKNOWN';
    if (erasure.isApproved) return 'TRANSITION_FORBIDDEN';
    if (erasure.requester === by) return 'OWN_REQUEST';
    if (model.holds > 0) return 'VAULT_HELD';
    const { snapshots, isRestricted } = erasure.seen;
    const isSame =
      snapshots === model.snapshots && isRestricted === isRestrictedNow(model, erasure);
    if (!looksAgain && !isSame) return 'PLAN_STALE';
    approveIn(model, erasure);
    return 'done';
  },
  act: async (real) => {
    const { services } = real.world;
    const { vaultId } = real.vault;
    const { erasureId, plan } = await latest(real);
    const stated = statementsOf(requestErasureBody.parse({ reason: 'R' }));
    const again = () => showPlan(services, vaultId, stated).catch(() => ({ plan }));
    const planHash = (looksAgain ? await again() : { plan }).plan.hash;
    return approveErasure(services, by, vaultId, { erasureId, planHash });
  },
});

const cancel = (by: string): Command => ({
  text: `cancel(${nameOf(by)})`,
  expected: (model) => {
    const { erasure } = model;
    if (erasure === null || model.isErased) return 'ERASURE_UNKNOWN';
    if (erasure.cancelledBy.has(by)) return 'ALREADY_CANCELLED_BY';
    erasure.cancelledBy.add(by);
    const needed = erasure.isApproved ? 2 : 1;
    model.erasure = erasure.cancelledBy.size < needed ? erasure : null;
    return 'done';
  },
  act: async (real) =>
    cancelErasure(real.world.services, by, real.vault.vaultId, await latest(real)),
});

const hold: Command = {
  text: 'hold',
  expected: (model) => {
    if (model.isErased) return 'VAULT_UNREADABLE';
    model.holds += 1;
    settle(model);
    return 'done';
  },
  act: async ({ world, vault, holds }) => {
    const { holdId } = await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    holds.push(holdId);
  },
};

const releaseOldest: Command = {
  text: 'release',
  expected: (model) => {
    model.holds = Math.max(0, model.holds - 1);
    settle(model);
    return 'done';
  },
  act: async ({ world, vault, holds }) => {
    const holdId = holds.shift();
    if (holdId !== undefined) {
      await release(world, { vaultId: vault.vaultId, holdId });
    }
  },
};

const backup: Command = {
  text: 'backup',
  expected: (model) => {
    if (model.isErased || model.erasure?.isApproved) return 'VAULT_NOT_ACTIVE';
    model.snapshots += 1;
    return 'done';
  },
  act: async ({ world, vault }) =>
    runBackup(world.services, await requestBackup(world.services, OPERATOR, vault.vaultId)),
};

/** The hourly passes run once on each of the days. */
const days = (count: number): Command => ({
  text: `days(${count})`,
  expected: (model) => {
    for (let day = 0; day < count; day += 1) nextDay(model);
    return 'done';
  },
  act: async ({ world }) => {
    for (let day = 0; day < count; day += 1) {
      await world.clock.moveDays(1);
      await advanceDueErasures(world.services);
      await confirmDueErasures(world.services);
    }
  },
});

/** What somebody from outside does to a KMS key changes nothing for long. */
const meddle = (how: 'disable' | 'enable' | 'scheduleDeletion'): Command => ({
  text: `meddle(${how})`,
  tier: 'dedicated',
  expected: () => 'done',
  act: async ({ world, vault }) => {
    const somebody = world.custody.actingAs(SOMEBODY);
    await somebody[how](vault.keys.primary, 7).catch((error) => {
      expect(error).toMatchObject({ code: 'KEYS_UNUSABLE' });
    });
  },
});

const requests = fc
  .record({ by: person, inDays: fc.constantFrom(0, 0, 2, 5, 20) })
  .map(({ by, inDays }) => request(by, inDays));
const approvals = fc
  .record({ by: person, looksAgain: fc.boolean() })
  .map(({ by, looksAgain }) => approve(by, looksAgain));
const passages = fc.integer({ min: 1, max: 8 }).map(days);
const ways = fc.constantFrom('disable' as const, 'enable' as const, 'scheduleDeletion' as const);

/** What leads further comes more often than what leads back. */
const commands = [
  ...[requests, requests, approvals, approvals, approvals, approvals],
  ...[passages, passages, passages, passages, person.map(cancel), ways.map(meddle)],
  ...[hold, releaseOldest, releaseOldest, backup].map((command) => fc.constant(command)),
].map((arbitrary) => arbitrary.map((command) => new ModelCommand(command)));

const plans = fc.commands(commands, { maxCommands: 40, size: 'max' });
const tiers = fc.constantFrom(...KEY_TIERS);

test('people, holds, backups, meddling and time, in any order', async () => {
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(tiers, plans, async (tier, plan) => {
      const world = livingInstallation();
      const vault = await registeredVault(world, { tier });
      const real: Real = { world, vault, holds: [] };
      const model = newModel(tier);
      await fc.asyncModelRun(() => ({ model, real }), plan);
      const { audit, state } = await vaultNow(world, vault.vaultId);
      const end = `${tier} ${state}`;
      ends.set(end, (ends.get(end) ?? 0) + 1);
      const { vaultId } = vault;
      const entries = await Array.fromAsync(world.ledger.list('audit', { chainId: vaultId }));
      expect(
        findBrokenLink(
          entries.map(({ record }) => record),
          audit,
        ),
      ).toBeUndefined();
    }),
    { numRuns: 80 },
  );
  console.info(`vaults ended ${JSON.stringify(Object.fromEntries(ends))}`);
}, 180_000);
