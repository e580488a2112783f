import type { KeepingFacts } from '../domain/kept-snapshots.ts';
import { openMove } from '../domain/move-records.ts';
import type { Vault } from '../domain/records.ts';
import type { SweepStop } from '../domain/sweep-records.ts';
import type { SweepPlan } from './sweep-planner.ts';

/** So few snapshots or versions may always go: of a handful any share is large. */
const ALWAYS_FREE = 10;

/** Snapshots of a vault by what becomes of them. */
export interface SnapshotCountdown {
  readonly expiring: number;
  readonly kept: number;
}

/** @returns whether so many snapshots expire at once that a person is to look first. */
export function expiresTooMany({ expiring, kept }: SnapshotCountdown, mostShare: number): boolean {
  return expiring > ALWAYS_FREE && expiring > (expiring + kept) * mostShare;
}

/**
 * @param mostShare - of the vault's snapshots, and of its bytes, that may go in one sweep.
 * @returns what keeps a sweep from removing anything; `null` when nothing does. What is left of an
 * erased vault may go all at once, and so may what a move to other keys has left: about half.
 */
export function sweepStop(
  vault: Pick<Vault, 'state' | 'move'>,
  held: KeepingFacts['held'],
  snapshots: SnapshotCountdown,
  { disagreementCount, total, stored, removes }: SweepPlan,
  mostShare: number,
): SweepStop | null {
  if (held === 'all') {
    return 'held';
  }
  if (disagreementCount > 0) {
    return 'disagreement';
  }
  if (isMoving(vault)) {
    return 'moving';
  }
  if (vault.state === 'ERASED') {
    return null;
  }
  const moved = removes.moved ?? { versions: 0, bytes: 0 };
  const bytes = total.bytes - moved.bytes;
  const removesTooMuch =
    total.versions - moved.versions > ALWAYS_FREE &&
    bytes > (stored.bytes - moved.bytes) * mostShare;
  return removesTooMuch || expiresTooMany(snapshots, mostShare) ? 'share' : null;
}

/** @returns whether a move is at work that has not written all of a vault anew yet. */
export function isMoving(vault: Pick<Vault, 'move'>): boolean {
  return openMove(vault)?.state === 'COPYING';
}
