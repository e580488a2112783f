/** Whether the ledger was compared with the tombstones since its table exists. */
export interface LedgerStatus {
  /** Until then a restored ledger is shown and rebuilt, and serves nothing else. */
  readonly isReconciled: boolean;
}

/** What one call of `rebuildLedger` has done. */
export interface RebuildPage {
  readonly vaults: readonly RebuiltVault[];
  /** Whether every vault was looked at. */
  readonly isDone: boolean;
  /** `after` of the next call; `null` when that begins anew. */
  readonly after: string | null;
}

export interface RebuiltVault {
  readonly vaultId: string;
  /**
   * - `unchanged`: the ledger had all that the copy shows
   * - `completed`: the ledger had the vault, and got what was missing
   * - `rebuilt`: the vault was not in the ledger
   * - `erased`: the copy holds its tombstone; it is not brought back
   * - `left-out`: nothing was done, `why` says for what reason
   */
  readonly outcome: 'unchanged' | 'completed' | 'rebuilt' | 'erased' | 'left-out';
  readonly why: string | null;
  /** Snapshots that the ledger got; with a dry run those it would get, as far as time allowed. */
  readonly snapshots: number;
  /** Packs and manifest parts that it got. */
  readonly objects: number;
  /** Seals that could not be read, by their keys. */
  readonly unreadable: readonly string[];
  /** Whether the vault is held, if need be again: S3's legal hold was found on something. */
  readonly held: boolean;
}
