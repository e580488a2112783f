import { restingCopies } from '../backup/resting-copy.ts';
import type { Vault } from '../domain/records.ts';
import { newUpkeep } from '../domain/retention-records.ts';
import type { SweepResult } from '../domain/sweep-records.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { chainChanges } from '../registry/chain-changes.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireVault } from '../registry/find-vault.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { endCiphertext } from './end-ciphertext.ts';
import { expireSnapshot } from './expire-snapshot.ts';
import { keepingFacts, keptInVault } from './kept-in-vault.ts';
import { leftRanges, snapshotAtWork } from './needed-objects.ts';
import { planSweep } from './plan-sweep.ts';
import { type Removal, removeObjects } from './remove-objects.ts';
import { planRepack } from './repack.ts';
import { settlePacks } from './settle-packs.ts';
import type { SweepPlan } from './sweep-planner.ts';
import {
  expiringNow,
  isMoving,
  removedNow,
  type SnapshotsDue,
  type SweepLimits,
  sweepStop,
} from './sweep-stop.ts';

export type SweepServices = Pick<Services, 'clock' | 'copies' | 'ledger'>;

export interface SweepOptions {
  readonly limits: SweepLimits;
  /** Whether a person has seen what would go and wants it to, however much it is. */
  readonly isConfirmed: boolean;
  /** Days that expired records may linger in a pack that is needed. */
  readonly lingerDays: number;
  readonly actor: string;
  /** Asked before each object that is looked at, and between batches that are removed. */
  readonly hasTime: () => boolean;
}

/** What a sweep of one vault has done. */
export interface VaultSweep {
  readonly result: SweepResult;
  /** Versions that were to go and are under a legal hold that the ledger does not know of. */
  readonly unknownHolds: number;
  /** Snapshots that were looked at to find out which of them need each pack. */
  readonly settled: number;
  readonly failures: readonly unknown[];
  readonly isDone: boolean;
}

/**
 * Lets go of what a vault need not keep any more. Its course:
 *
 * 1. settle which snapshots need each pack
 * 2. let snapshots expire that are not kept any more, each in a transaction of its own
 * 3. find out which packs the next run is to write anew, as `planRepack` says
 * 4. compare both copies with the ledger; only what no snapshot that has not expired names, and is
 *    locked no longer, is to go; stop when they disagree, or when it is too much at once
 * 5. say in the audit chain what is about to go, remove it by version id, and forget it
 * 6. when nothing is left of an erased vault but its tombstone, say so
 *
 * A run at work names only packs of the last snapshot, which is never expired, and its own, which
 * are locked; so nothing goes that it may name. Cut off at any point, the next sweep goes on:
 * removing what is gone already does no harm, and what was not forgotten is found again. Where the
 * time is over before the comparison is, nothing is removed.
 *
 * @throws HoldfastError as `settlePacks` and `planSweep` do; nothing was removed then.
 */
export async function sweepVault(
  all: SweepServices,
  vaultId: string,
  options: SweepOptions,
): Promise<VaultSweep> {
  const services = { ...all, copies: restingCopies(all.copies) };
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const { held } = await keepingFacts(services.ledger, vault);
  const settling = await settlePacks(services, vault, options.hasTime);
  const { settled } = settling;
  if (!settling.isDone) {
    return unfinished(services, { expired: 0, settled });
  }
  const limits = { ...options.limits, ...(options.isConfirmed ? { mostShare: 1 } : {}) };
  const isKept = held === 'all' || isMoving(vault);
  const expiring = await expiringNow(services, vault, await snapshotsDue(services, vault), limits);
  let expired = 0;
  for (const snapshot of isKept ? [] : (expiring ?? [])) {
    expired += (await expireSnapshot(services, snapshot)) ? 1 : 0;
  }
  const atWork = await snapshotAtWork(services, vaultId);
  const { snapshots } = await keptInVault(services, vault);
  const left = snapshots.filter(({ expiredAt }) => expiredAt === null);
  const lingerDays = held === 'all' ? null : options.lingerDays;
  await planRepack(services, vault, leftRanges(left), lingerDays);
  const basis = { vault, atWork, snapshots, left, dropped: new Map() };
  const plan = await planSweep(services, basis, options.hasTime);
  if (!plan.isWhole) {
    return unfinished(services, { expired, settled });
  }
  const going =
    expiring === null ? null : await removedNow(services, vault, plan, snapshots, limits);
  const stopped = sweepStop(vault, held, plan) ?? (going === null ? 'share' : null);
  const removal =
    stopped === null && going !== null
      ? await carryOut(services, vault, going, options)
      : NOTHING_REMOVED;
  const { removed, unknownHolds, failures, isDone } = removal;
  const at = services.clock.now().toISOString();
  const result = { at, expired, removed, stays: plan.stays, stopped };
  await record(services, vaultId, result, options.actor);
  if (stopped === null && isFinished(removal, plan)) {
    await endCiphertext(services, vault);
  }
  return { result, unknownHolds, settled, failures, isDone };
}

/** Not recorded: it says nothing of what is to go. */
function unfinished(
  { clock }: Pick<Services, 'clock'>,
  { expired, settled }: { readonly expired: number; readonly settled: number },
): VaultSweep {
  const nothing = { versions: 0, bytes: 0 };
  const stays = { ...nothing, from: null, until: null };
  const at = clock.now().toISOString();
  const result = { at, expired, removed: nothing, stays, stopped: null };
  return { result, unknownHolds: 0, settled, failures: [], isDone: false };
}

const NOTHING_REMOVED: Removal = {
  removed: { versions: 0, bytes: 0 },
  unknownHolds: 0,
  failures: [],
  isDone: true,
};

/** Whether all that lay there is gone, but the tombstone. */
function isFinished({ removed, isDone }: Removal, { stored, lasting }: SweepPlan): boolean {
  return isDone && removed.versions + lasting.versions === stored.versions;
}

/**
 * Nothing of an erased vault has to expire first.
 * @returns what is to expire, and how many snapshots stay.
 */
export async function snapshotsDue(
  services: Pick<Services, 'clock' | 'ledger'>,
  vault: Vault,
): Promise<SnapshotsDue> {
  const { snapshots, keepings } = await keptInVault(services, vault);
  const due = snapshots.filter(
    ({ snapshotId, expiredAt }) => expiredAt === null && !keepings.has(snapshotId),
  );
  return { kept: keepings.size, due: vault.state === 'ERASED' ? [] : due };
}

/** Step 5: said before it is done, so that nothing ever goes unsaid. */
async function carryOut(
  services: SweepServices,
  { vaultId }: Vault,
  { doomed, total, removes }: SweepPlan,
  { actor, hasTime }: SweepOptions,
): Promise<Removal> {
  if (doomed.length === 0) {
    return NOTHING_REMOVED;
  }
  const reasons = Object.entries(removes).map(([reason, { versions }]) => [reason, versions]);
  await changeVault(services, vaultId, async (vault) => ({
    vault,
    actor,
    action: 'sweep.begun',
    details: { ...total, ...Object.fromEntries(reasons) },
    also: [],
    result: undefined,
  }));
  return removeObjects(services, { vaultId }, doomed, hasTime);
}

/** Only what is news goes into the audit chain, not that a day has passed. */
async function record(
  services: Pick<Services, 'clock' | 'ledger'>,
  vaultId: string,
  sweep: SweepResult,
  actor: string,
): Promise<void> {
  const { expired, removed, stopped } = sweep;
  await writeDecision(services, async () => {
    const stored = await services.ledger.get('upkeep', vaultId);
    const before = stored?.record ?? newUpkeep(vaultId);
    const change: Change = { record: { ...before, sweep }, expect: stored?.version ?? 'absent' };
    const isNews = removed.versions > 0 || stopped !== (before.sweep?.stopped ?? null);
    if (!isNews) {
      return { changes: [change], result: undefined };
    }
    const vault = await requireVault(services.ledger, vaultId);
    const action = stopped === null ? 'sweep.ended' : 'sweep.stopped';
    const details = { expired, ...removed, stopped };
    const event = { actor, action, details };
    return {
      changes: [change, ...chainChanges(services, vault.record, vault.version, event)],
      result: undefined,
    };
  });
}
