import type { PerCopy } from './copy-name.ts';

/** What a hold is about, and how it came and went. The same for every scope. */
export interface HoldTerms {
  readonly holdId: string;
  readonly reason: string;
  /** Case number or similar. */
  readonly reference: string;
  readonly placedBy: string;
  readonly placedAt: string;
  /** The latest request to release it; it stands until another person approves it. */
  readonly releaseRequest: ReleaseRequest | null;
  readonly releasedBy: string | null;
  readonly releasedAt: string | null;
}

export interface ReleaseRequest {
  readonly by: string;
  readonly at: string;
  /** Why the hold is needed no more; kept in the ledger. */
  readonly reason: string;
}

/**
 * What a hold covers:
 * - `client`: every vault of a client, those registered later too
 * - `vault`: every snapshot of one vault, those taken later too
 * - `snapshot`: one snapshot
 */
export type HoldScope =
  | { readonly kind: 'client' }
  | { readonly kind: 'vault' }
  | { readonly kind: 'snapshot'; readonly snapshotId: string };

/**
 * A legal hold as it touches one vault: it beats every expiry and every erasure. A hold on a client
 * has one of these in each of its vaults, all with the same id, and a `ClientHold` above them.
 */
export interface Hold extends HoldTerms {
  readonly kind: 'hold';
  readonly vaultId: string;
  readonly scope: HoldScope;
  /** When S3's legal hold was on everything it covers for the first time; `null` before. */
  readonly appliedAt: string | null;
  /** When S3's legal hold was off everything that no other hold covers; `null` before. */
  readonly liftedAt: string | null;
}

/** A legal hold on a client. What it does is done by the `Hold` that each of its vaults has. */
export interface ClientHold extends HoldTerms {
  readonly kind: 'client-hold';
  readonly clientId: string;
  /** When every vault had heard of its release; `null` before. */
  readonly settledAt: string | null;
}

/**
 * S3's legal hold on one object, as Holdfast switched it last. Written before S3 is asked, so that
 * a legal hold is known of even when the answer got lost.
 */
export interface LegalHold {
  readonly kind: 'legal-hold';
  readonly vaultId: string;
  /** Object key. */
  readonly key: string;
  /** The version in each copy on which it is, or may be, on; `null` for none. */
  readonly on: PerCopy<string | null>;
  /** Whether S3 has said so of every version in `on`. */
  readonly confirmed: boolean;
}

/** @returns whether a hold is in force: a request to release it changes nothing yet. */
export function isInForce({ releasedAt }: Pick<HoldTerms, 'releasedAt'>): boolean {
  return releasedAt === null;
}
