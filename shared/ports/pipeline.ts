/**
 * Starts the functions that work behind the admin API.
 * Every method throws HoldfastError `PIPELINE_UNAVAILABLE`.
 */
export interface Pipeline {
  /** Starts a backup run. Repeating it with the same run id starts nothing new. */
  startBackup(vaultId: string, runId: string): Promise<void>;
  /** Starts a restore to an S3 prefix; returns before it has run. */
  startRestore(vaultId: string, restoreId: string): Promise<void>;
  /** Starts a verification, or goes on with it; returns before it has run. */
  startVerification(vaultId: string, verificationId: string): Promise<void>;
  /**
   * Lets a pass over many vaults go on in another invocation of its function; returns before that
   * has run. Only that function itself can ask for it.
   * @param after - clients or vaults, whichever the pass goes by, up to this id are done; an empty
   * text: none.
   */
  continuePass(pass: PassName, after: string): Promise<void>;
  /** Starts the comparison with the tombstones, or goes on with it; returns before it has run. */
  compareTombstones(from: ComparisonStart): Promise<void>;
  /** Starts a sweep, or goes on with it; returns before it has run. */
  startSweep(what: SweepStart): Promise<void>;
  /** Lets S3's legal holds of a vault follow the ledger; returns before they do. */
  applyHolds(vaultId: string): Promise<void>;
  /** Starts the moves of vaults to other keys, or goes on with them; returns before it has run. */
  startMoves(): Promise<void>;
  /** Lets the erasing function take the next step for a vault at once, and waits for it. */
  advanceErasure(vaultId: string): Promise<void>;
  /** Has erasures confirmed whose evidence is complete; returns before it has run. */
  confirmErasures(which: DueVaults): Promise<void>;
  /** Has erasures certified that are complete; returns before it has run. */
  certifyErasures(which: DueVaults): Promise<void>;
  /**
   * Lets the erasing function enable the keys of a vault that nobody erases, whoever disabled or
   * scheduled them, and waits for it.
   */
  restoreKeys(vaultId: string): Promise<void>;
  /** Gives the keys of a vault their own policy again, and waits for it. */
  restoreKeyPolicies(vaultId: string): Promise<void>;
}

/** Functions that pass over many vaults and hand over to themselves when their time is over. */
export type PassName =
  | 'renew-locks'
  | 'renew-proofs'
  | 'check-protection'
  | 'compare-keys'
  | 'advance-erasures';

/** One vault, or all that wait behind an id; an empty text: all. */
export type DueVaults = { readonly vaultId: string } | { readonly after: string };

/** Where a comparison of the ledger with the tombstones goes on. */
export interface ComparisonStart {
  /** Clients up to this id are done; an empty text: none, it begins. */
  readonly after: string;
  /** Identity of the ledger it began in; absent when it begins, and once it failed with a vault. */
  readonly begunIn?: string | undefined;
}

/** What to sweep: one vault that a person asked for, or all vaults of clients behind an id. */
export type SweepStart =
  | { readonly vaultId: string; readonly actor: string; readonly isConfirmed: boolean }
  | { readonly after: string };
