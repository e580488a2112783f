import type { SweepResult } from './sweep-records.ts';

/** How far the daily work on a vault's snapshots has come. */
export interface Upkeep {
  readonly kind: 'upkeep';
  readonly vaultId: string;
  /**
   * Up to this snapshot it is known of every pack which snapshot was the first without it; `null`
   * before the first one was looked at.
   */
  readonly settledThrough: string | null;
  /** What the last sweep did; `null` before the first one. */
  readonly sweep: SweepResult | null;
}

/** @returns the record of a vault on which no daily work was done yet. */
export function newUpkeep(vaultId: string): Upkeep {
  return { kind: 'upkeep', vaultId, settledThrough: null, sweep: null };
}
