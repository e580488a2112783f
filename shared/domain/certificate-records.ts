import type { PerCopy } from './copy-name.ts';

/** What a certificate can state. */
export type CertificateStatement = 'keys-destroyed' | 'ciphertext-removed';

/**
 * One certificate, opened before anything of it is written and closed after all of it is. It holds
 * the signed bytes as soon as there are any: whoever goes on after an interruption writes these and
 * signs nothing again.
 */
export interface CertificateRecord {
  readonly kind: 'certificate';
  readonly vaultId: string;
  readonly certificateId: string;
  readonly erasureId: string;
  readonly statement: CertificateStatement;
  readonly openedAt: string;
  /** The vault's audit chain as it was then. */
  readonly audit: { readonly entries: number; readonly head: string };
  /** What is missing for it, as it was last judged; `null` when nothing was. */
  readonly refusedFor: string | null;
  /** The compact JSON Web Signature, and the SHA-256 of what it signs; `null` before. */
  readonly signed: { readonly jws: string; readonly payloadSha256: string } | null;
  /** When it lay in both copies; `null` before. */
  readonly issuedAt: string | null;
}

/** That a vault's tombstone lies in both copies. */
export interface TombstoneRecord {
  readonly kind: 'tombstone';
  readonly vaultId: string;
  readonly erasureId: string;
  readonly certificateId: string;
  readonly writtenAt: string;
  readonly versions: PerCopy<string>;
}
