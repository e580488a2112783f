import type { Erasure } from '../domain/erasure-records.ts';

/** An erasure, and what it may wait for. */
export interface ErasureStatus extends Omit<Erasure, 'kind'> {
  /** Ids of the holds in force: while there is one, nothing goes on. */
  readonly holds: readonly string[];
}

/** What erasing a vault would do, and why. */
export interface ErasurePlanAnswer
  extends Pick<Erasure, 'vaultId' | 'statements' | 'decision' | 'plan'> {
  /** The request it belongs to; `null` when nobody asked yet. */
  readonly erasureId: string | null;
  /** Who asked for it, and why; `null` when nobody asked yet. */
  readonly request: { readonly by: string; readonly reason: string } | null;
  /** The plan in sentences, with days by the clocks of the vault's policy. */
  readonly says: readonly string[];
}
