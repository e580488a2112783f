import type { ChainBreak } from '../domain/audit-chain.ts';
import type { CertificateRecord, CertificateStatement } from '../domain/certificate-records.ts';

/** A certificate as a list shows it. */
export interface CertificateSummary {
  readonly certificateId: string;
  readonly vaultId: string;
  readonly erasureId: string;
  readonly statement: CertificateStatement;
  readonly issuedAt: string;
  /** Lower-case hex SHA-256 of what is signed; stands on the printed page. */
  readonly payloadSha256: string;
}

/** A certificate with the compact JSON Web Signature that it is. */
export interface CertificateAnswer extends CertificateSummary {
  readonly jws: string;
}

/** The public half of the key that certificates and checkpoints are signed with. */
export interface SigningKeyAnswer {
  /** PEM of a P-256 public key. */
  readonly publicKey: string;
  /** RFC 7638 thumbprint: the `kid` of what it signs. */
  readonly keyId: string;
}

/** Where an audit chain stood when the last checkpoint was signed; see format.md 9.5. */
export interface SignedHeadAnswer {
  /** Compact JSON Web Signature of the checkpoint. */
  readonly jws: string;
  /** RFC 3161 token over the SHA-256 of `jws`, base64; `null` without one. */
  readonly timestampToken: string | null;
  readonly entries: number;
  readonly head: string;
  /** How the chain was found broken first; `null` when it never was. */
  readonly finding: (ChainBreak & { readonly since: string }) | null;
  /** Place of the head among all heads, and the hashes that lead from it to the signed root. */
  readonly index: number;
  readonly path: readonly string[];
}

/** The signature of an audit chain that is handed out, over its end and its checkpoint. */
export interface ExportAnswer {
  /** Where the chain ends: what is written later is not part of what was signed. */
  readonly head: { readonly entries: number; readonly hash: string };
  /** `null` when no checkpoint covers the chain yet. */
  readonly checkpoint: SignedHeadAnswer | null;
  /** Compact JSON Web Signature; see format.md 9.6. */
  readonly signature: string;
  /** PEM of the key that signed it. */
  readonly publicKey: string;
}

/** @returns an issued certificate as it is answered. */
export function presentCertificate(record: CertificateRecord): CertificateAnswer {
  const { certificateId, vaultId, erasureId, statement, signed, issuedAt, openedAt } = record;
  return {
    ...{ certificateId, vaultId, erasureId, statement },
    issuedAt: issuedAt ?? openedAt,
    payloadSha256: signed?.payloadSha256 ?? '',
    jws: signed?.jws ?? '',
  };
}
