import type { CopyName } from './copy-name.ts';

/**
 * Why an object is removed:
 * - `expired`: manifest or seal of a snapshot that has expired
 * - `unneeded`: a pack that no snapshot needs any more
 * - `orphan`: written by a run that was never committed and cannot be any more
 * - `foreign`: a version that Holdfast did not write
 * - `marker`: a delete marker
 * - `erased`: what is left of an erased vault
 * - `moved`: what an object was before its vault was moved to other keys; nobody can read it
 */
export const SWEEP_REASONS = [
  'expired',
  'unneeded',
  'orphan',
  'foreign',
  'marker',
  'erased',
  'moved',
] as const;

export type SweepReason = (typeof SWEEP_REASONS)[number];

/** Versions of objects and their bytes, those of both copies added up. */
export interface SweepCount {
  readonly versions: number;
  readonly bytes: number;
}

/** What is not needed any more and still locked. */
export interface SweepRest extends SweepCount {
  /** When the first and the last of it may be removed; `null` when there is none. */
  readonly from: string | null;
  readonly until: string | null;
}

/** In what the ledger and a copy contradict each other. */
export interface SweepDisagreement {
  readonly copy: CopyName;
  /** Object key. */
  readonly object: string;
  readonly problem: string;
}

/**
 * Why a sweep removed nothing:
 * - `held`: the vault or its client is under a legal hold
 * - `disagreement`: ledger and copies contradict each other
 * - `moving`: the vault is being moved to other keys, and what it consists of is not settled
 * - `share`: it would have removed too much at once, and nobody has confirmed that
 */
export type SweepStop = 'held' | 'disagreement' | 'moving' | 'share';

/** What a sweep of a vault has done. */
export interface SweepResult {
  readonly at: string;
  /** Snapshots that expired. */
  readonly expired: number;
  /** Versions that were removed, in both copies together. */
  readonly removed: SweepCount;
  readonly stays: SweepRest;
  /** Why it removed nothing; `null` when nothing kept it from removing what was due. */
  readonly stopped: SweepStop | null;
}
