import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findBrokenLink } from '../../shared/domain/audit-chain.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { KEY_TIERS, type KeyTier } from '../../shared/domain/key-tier.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import {
  FIVE_WEEKS,
  livingInstallation,
  OPERATOR,
  registeredVault,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';
import { type Milestone, newModel } from './model/model.ts';
import { ModelCommand, type Real } from './model/model-command.ts';
import {
  approve,
  backup,
  cancel,
  hold,
  releaseOldest,
  request,
  restore,
} from './model/people-commands.ts';
import {
  callOff,
  certify,
  changeKeyPolicy,
  days,
  deliver,
  holdBackEvents,
  jump,
  killedPass,
  meddle,
  outage,
  upkeep,
} from './model/world-commands.ts';

const THIRD = 'arn:aws:iam::111122223333:user/second-supervisor';

const person = fc.constantFrom(OPERATOR, SUPERVISOR, THIRD);
const copy = fc.constantFrom(...COPY_NAMES);
const lawfulDays = fc.constantFrom(0, 0, 2, 5, 20);
const requests = fc.tuple(person, lawfulDays).map((of) => request(...of));
const approvals = fc.tuple(person, fc.boolean()).map((of) => approve(...of));
const ways = fc.constantFrom('disable' as const, 'enable' as const, 'scheduleDeletion' as const);
const kinds = fc.constantFrom('client' as const, 'vault' as const, 'snapshot' as const);
const deliveries = fc.constantFrom(
  ...(['in order', 'reversed', 'twice', 'never'] as const).map(deliver),
);
const kills = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.constantFrom('before', 'after'));
const passages = fc.integer({ min: 1, max: 8 }).map(days);

/** What leads further comes more often than what leads back. */
const commands = [
  ...[requests, requests, approvals, approvals, approvals, approvals, approvals],
  ...[passages, passages, passages, passages, person.map(cancel)],
  ...[fc.integer({ min: 9, max: 30 }).map(jump), kinds.map(hold), deliveries],
  ...[fc.tuple(ways, copy).map((of) => meddle(...of)), copy.map(outage), copy.map(changeKeyPolicy)],
  kills.map(([point, when]) => killedPass(point, when as 'before')),
  ...[certify, holdBackEvents, holdBackEvents].map((command) => fc.constant(command)),
  ...[fc.constantFrom(releaseOldest, backup), fc.constantFrom(releaseOldest, restore)],
  fc.constantFrom(upkeep, callOff),
].map((arbitrary) => arbitrary.map((command) => new ModelCommand(command)));

/** Half of the runs begin with an erasure that is approved, so that enough of them come far. */
const preludes = fc
  .option(lawfulDays)
  .map((inDays) =>
    inDays === null
      ? []
      : [backup, request(OPERATOR, inDays), approve(SUPERVISOR, true), approve(THIRD, true)],
  );

const plans = fc.commands(commands, { maxCommands: 50, size: 'max' });
const tiers = fc.constantFrom(...KEY_TIERS);
/** How many people must approve. */
const counts = fc.constantFrom(1, 2);

const RUNS = 160;

/** Fewest runs that must come by each milestone: a part of what is seen, which differs. */
const FEWEST: Readonly<Record<Milestone, number>> = {
  ...{ ERASED: 20, certified: 8, CANCELLED: 2, RESTRICTED: 20, refused: 80, absence: 1 },
};

/** A vault whose erasure takes so many approvals. */
async function begin(tier: KeyTier, needed: number): Promise<Real> {
  const world = livingInstallation({ keyEvents: 'lost' });
  const { erasure } = FIVE_WEEKS;
  const policy = { ...FIVE_WEEKS, id: 'modelled', erasure: { ...erasure, approvals: needed } };
  await addPolicy(world.services, OPERATOR, policy);
  const vault = await registeredVault(world, { tier, policyId: policy.id });
  const real: Real = { world, vault, holds: [], trail: null };
  world.custody.onKeyEvent(async (event) => {
    if (real.trail === null) {
      await recordKeyEvent(world.services, event);
    } else {
      real.trail.push(event);
    }
  });
  return real;
}

test('people, holds, backups, meddling, lost events, kills and time, in any order', async () => {
  const ends = new Map<Milestone, number>();
  await fc.assert(
    fc.asyncProperty(tiers, counts, preludes, plans, async (tier, needed, prelude, plan) => {
      const real = await begin(tier, needed);
      const model = newModel(tier, needed);
      for (const command of prelude) {
        await new ModelCommand(command).run(model, real);
      }
      await fc.asyncModelRun(() => ({ model, real }), plan);
      for (const milestone of model.milestones) {
        ends.set(milestone, (ends.get(milestone) ?? 0) + 1);
      }
      const { vaultId } = real.vault;
      const { audit } = await vaultNow(real.world, vaultId);
      const entries = await Array.fromAsync(real.world.ledger.list('audit', { chainId: vaultId }));
      const chain = entries.map(({ record }) => record);
      expect(findBrokenLink(chain, audit)).toBeUndefined();
    }),
    { numRuns: RUNS },
  );
  console.info(`runs came by ${JSON.stringify(Object.fromEntries(ends))}`);
  for (const [milestone, fewest] of Object.entries(FEWEST)) {
    expect(ends.get(milestone as Milestone) ?? 0, milestone).toBeGreaterThanOrEqual(fewest);
  }
}, 180_000);
