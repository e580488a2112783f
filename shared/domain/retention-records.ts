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
  /**
   * Packs that hold too much that is not needed: the next run reads what it needs of them from the
   * source again, and so drops them.
   */
  readonly repack: readonly string[];
  /** What the last sweep did; `null` before the first one. */
  readonly sweep: SweepResult | null;
}

/** How much of a pack is needed, as its seals say. Plaintext bytes of records. */
export interface PackLife {
  /** In the snapshot whose run wrote it. */
  readonly bytes: number;
  /** In the last snapshot that names it. */
  readonly liveBytes: number;
  /** The first snapshot that names it and needs less of it; `null` when none does. */
  readonly wornBy: string | null;
  /** Since when it holds records that no snapshot needs any more; `null` when it does not. */
  readonly expiredSince: string | null;
}

/** @returns the record of a vault on which no daily work was done yet. */
export function newUpkeep(vaultId: string): Upkeep {
  return { kind: 'upkeep', vaultId, settledThrough: null, repack: [], sweep: null };
}
