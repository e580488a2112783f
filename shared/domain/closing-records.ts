import type { CitedLaw } from './cited-law.ts';

/** What becomes of a closed vault. */
export type Disposition = 'retain' | 'erase' | 'hand-over';

export const DISPOSITIONS: readonly Disposition[] = ['retain', 'erase', 'hand-over'];

/** How a vault was closed: it takes no backups any more, and its calendar runs. */
export interface VaultClosing {
  readonly closedAt: string;
  readonly closedBy: string;
  readonly disposition: Disposition;
  /** The day of what ended the work for the client, such as `2026-08-20`. */
  readonly event: string;
  /**
   * From then on the vault is to be erased: the end of the statutory period of what is retained,
   * otherwise the day it was closed, or handed over. `null`: it is kept for ever.
   */
  readonly keepUntil: string | null;
  /** Its last snapshot, kept to the end. */
  readonly finalSnapshotId: string;
  /** The laws that decided. */
  readonly basis: readonly CitedLaw[];
}

/**
 * Days in which a handover is to be confirmed, as many as an erasure may take: a processor must not
 * keep what is its client's (个人信息保护法 21(2)), and no law names a number.
 */
export const HANDOVER_DAYS = 30;

/** How a client was closed: none of its vaults takes backups any more. */
export interface ClientClosing {
  readonly closedAt: string;
  readonly closedBy: string;
  readonly event: string;
  /**
   * Who keeps the client's books from then on, in the firm's own words; kept in the ledger and
   * nowhere else. No statute names anyone (会计档案管理办法 20).
   */
  readonly custodian: string | null;
}

/** That a vault's records were given to the client, and who has said so. One per vault. */
export interface Handover {
  readonly kind: 'handover';
  readonly vaultId: string;
  /** The restore by which the records were given over. */
  readonly restoreId: string;
  /** Who received them, in the firm's own words; kept in the ledger and nowhere else. */
  readonly recipient: string;
  readonly confirmedBy: string;
  readonly confirmedAt: string;
}
