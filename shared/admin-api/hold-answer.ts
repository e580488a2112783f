import type { Hold } from '../domain/hold-records.ts';

/** A hold that was placed, asked to be released, or released. */
export interface ChangedHold extends Omit<Hold, 'kind'> {
  /** Holds in force by now that touch the vault, in any scope; this one too while it is. */
  readonly vaultHolds: number;
  /** The vault's erasure that was approved and has not ended; `null` when there is none. */
  readonly erasureBegun: string | null;
}
