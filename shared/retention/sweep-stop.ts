import type { KeepingFacts } from '../domain/kept-snapshots.ts';
import { openMove } from '../domain/move-records.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import type { SweepCount, SweepStop } from '../domain/sweep-records.ts';
import type { Installation, Services } from '../ports/services.ts';
import { type HeldBack, heldBackIn } from './held-back.ts';
import { type DoomedObject, reducedPlan, type SweepPlan } from './sweep-planner.ts';

/** So few snapshots or versions may always go: of a handful any share is large. */
const ALWAYS_FREE = 10;

/** Days in which daily batches get through what a hold has kept back, once its locks have ended. */
const BATCH_DAYS = 31;

/** How much may go in one sweep. */
export interface SweepLimits {
  /** Part of a vault's snapshots, and of its bytes: 0 to 1. */
  readonly mostShare: number;
  /** Days after the release of a hold for which it explains that more goes than that. */
  readonly backlogDays: number;
}

/** What a hold has kept locked is locked no longer than a copy accepts after its release. */
export function sweepLimits({ maxSweepShare, maxLockDays }: Installation): SweepLimits {
  return { mostShare: maxSweepShare, backlogDays: maxLockDays + BATCH_DAYS };
}

/** Snapshots of a vault by what becomes of them. */
export interface SnapshotsDue {
  /** Not kept any more, oldest first. */
  readonly due: readonly Snapshot[];
  /** How many are kept. */
  readonly kept: number;
}

/**
 * Decides which of the snapshots that are due expire in this sweep. More than the limits allow is
 * for a person to look at first, with one exception: what a released hold has kept back goes by
 * itself, so many a day as may go.
 *
 * @returns `null` when a person is to look first.
 */
export async function expiringNow(
  services: Pick<Services, 'clock' | 'ledger'>,
  { vaultId }: Vault,
  { due, kept }: SnapshotsDue,
  { mostShare, backlogDays }: SweepLimits,
): Promise<readonly Snapshot[] | null> {
  const free = Math.max(ALWAYS_FREE, Math.floor((due.length + kept) * mostShare));
  if (due.length <= free) {
    return due;
  }
  const heldBack = await heldBackIn(services, vaultId, backlogDays);
  const late = due.filter((snapshot) => heldBack.hasSnapshot(snapshot));
  const others = due.filter((snapshot) => !late.includes(snapshot));
  return others.length > free ? null : [...others, ...late.slice(0, free - others.length)];
}

/** What keeps a sweep from removing anything, whatever it would be; `null` when nothing does. */
export function sweepStop(
  vault: Pick<Vault, 'move'>,
  held: KeepingFacts['held'],
  { disagreementCount }: SweepPlan,
): SweepStop | null {
  if (held === 'all') {
    return 'held';
  }
  if (disagreementCount > 0) {
    return 'disagreement';
  }
  return isMoving(vault) ? 'moving' : null;
}

/**
 * Decides what goes of all that is doomed, as `expiringNow` does for snapshots. What is left of an
 * erased vault may go all at once, and so may what a move to other keys has left: about half.
 *
 * @param snapshots - every snapshot that the ledger knows.
 * @returns `null` when a person is to look first.
 */
export async function removedNow(
  services: Pick<Services, 'clock' | 'ledger'>,
  { vaultId, state }: Vault,
  plan: SweepPlan,
  snapshots: readonly Snapshot[],
  { mostShare, backlogDays }: SweepLimits,
): Promise<SweepPlan | null> {
  const moved = plan.removes.moved ?? { versions: 0, bytes: 0 };
  const free = (plan.stored.bytes - moved.bytes) * mostShare;
  const isFree = ({ versions, bytes }: SweepCount) => versions <= ALWAYS_FREE || bytes <= free;
  const all = {
    versions: plan.total.versions - moved.versions,
    bytes: plan.total.bytes - moved.bytes,
  };
  if (state === 'ERASED' || isFree(all)) {
    return plan;
  }
  const heldBack = await heldBackIn(services, vaultId, backlogDays);
  const known = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]));
  const isLate = (object: DoomedObject) => isHeldBack(object, known, heldBack);
  const doomed = plan.doomed.filter((object) => !isLate(object));
  let count = countOf(doomed.filter(({ reason }) => reason !== 'moved'));
  if (!isFree(count)) {
    return null;
  }
  for (const object of plan.doomed.filter(isLate)) {
    const more = countOf([object]);
    count = { versions: count.versions + more.versions, bytes: count.bytes + more.bytes };
    if (!isFree(count)) {
      break;
    }
    doomed.push(object);
  }
  return reducedPlan(plan, doomed);
}

function isHeldBack(
  { reason, records, snapshotId }: DoomedObject,
  snapshots: ReadonlyMap<string, Snapshot>,
  heldBack: HeldBack,
): boolean {
  const pack = records.map(({ record }) => record).find((record) => record.kind === 'pack');
  if (pack !== undefined) {
    return heldBack.hasPack(pack);
  }
  const snapshot = reason === 'expired' ? snapshots.get(snapshotId ?? '') : undefined;
  return snapshot !== undefined && heldBack.hasSnapshot(snapshot);
}

function countOf(objects: readonly DoomedObject[]): SweepCount {
  const versions = objects.flatMap((object) => object.versions);
  return { versions: versions.length, bytes: versions.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** @returns whether a move is at work that has not written all of a vault anew yet. */
export function isMoving(vault: Pick<Vault, 'move'>): boolean {
  return openMove(vault)?.state === 'COPYING';
}
