import type { CitedLaw } from './cited-law.ts';
import type { Period } from './period.ts';
import type { Duty } from './policy.ts';

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
  /** What that custody rests on, in the firm's own words; `null` when nobody said. */
  readonly custodianBasis: string | null;
}

/**
 * Why records are given over:
 * - `return`: to the client whose they are (个人信息保护法 21(2))
 * - `succession`: to whom the client's affairs pass; the persons were told of it (个人信息保护法 22)
 * - `provide`: to another handler; the persons consented to it (个人信息保护法 23); tax engagement
 *   files only with the client's consent (涉税专业服务基本准则 27)
 * - `portability`: to whom a person named, on that person's request (个人信息保护法 45(3))
 */
export const HANDOVER_MODES = ['return', 'succession', 'provide', 'portability'] as const;

export type HandoverMode = (typeof HANDOVER_MODES)[number];

/** That a vault's records were given to the client, and who has said so. One per vault. */
export interface Handover {
  readonly kind: 'handover';
  readonly vaultId: string;
  /** The restore by which the records were given over. */
  readonly restoreId: string;
  readonly mode: HandoverMode;
  /** The firm's reference for what the mode asks for: the notice, or the consent. */
  readonly reference: string | null;
  /** Who received them, in the firm's own words; kept in the ledger and nowhere else. */
  readonly recipient: string;
  readonly confirmedBy: string;
  readonly confirmedAt: string;
  /** The list as it was then: it must outlive the vault, whose snapshots end with its erasure. */
  readonly list: HandedRecords;
}

/** A duty to keep that goes with the records, and the last day it asks for; `null` for ever. */
export interface HandedDuty extends Duty {
  readonly lastDayKept: string | null;
  /** How much of it has elapsed at the handover; `null` for a duty that no day starts. */
  readonly elapsed: Period | null;
}

/** What is handed over with a vault (会计档案管理办法 24). */
export interface HandedRecords {
  readonly vaultId: string;
  readonly clientReference: string;
  readonly clientName: string;
  readonly recordClass: string;
  /** The policy's title: what kind of papers these are. */
  readonly title: string;
  readonly records: number;
  /** Plaintext bytes. */
  readonly bytes: number;
  /** The day the vault was opened; in which year the records begin, only they show. */
  readonly openedOn: string;
  /** Day of the last snapshot. */
  readonly lastSnapshot: string;
  readonly finalSnapshotId: string;
  /** SHA-256 of the final snapshot's seal, which names every pack with its own. */
  readonly sealSha256: string;
  /** Each statutory period of the receiver, the latest end first; empty for none. */
  readonly duties: readonly HandedDuty[];
  /** The day the clocks are counted from. */
  readonly event: string;
}
