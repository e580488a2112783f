import type { CertificateRecord } from '../domain/certificate-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Certificate } from '../format/certificate.ts';
import { certificateKey } from '../format/object-keys.ts';
import type { Services } from '../ports/services.ts';
import { locateProof } from '../proof/locate-proof.ts';
import { readObject } from '../proof/read-object.ts';
import { verifyCertificate } from './verify-certificate.ts';

/** A certificate that lies in the copies. */
export interface RecoveredCertificate {
  /** What the ledger is to know of it. */
  readonly record: CertificateRecord & { readonly signed: { jws: string; payloadSha256: string } };
  readonly certificate: Certificate;
}

/**
 * Looks in the copies for a certificate that the ledger may have forgotten.
 * @returns `null` when no copy that answered has it.
 * @throws HoldfastError `SIGNATURE_INVALID` when it was not signed by this installation, or is of
 * another vault; `COPY_UNAVAILABLE`, `COPY_DENIED`, `SIGNING_UNAVAILABLE`.
 */
export async function recoverCertificate(
  services: Pick<Services, 'copies' | 'signing'>,
  vaultId: string,
  certificateId: string,
): Promise<RecoveredCertificate | null> {
  const key = certificateKey(certificateId);
  const located = await locateProof(services, key);
  if (located === undefined) {
    return null;
  }
  const jws = (await readObject(located.copy, key, located.versionId)).toString('utf8');
  const publicKey = await services.signing.publicKey();
  const { certificate, payloadSha256 } = await verifyCertificate(jws, publicKey);
  const { statement, issuedAt, audit, erasure } = certificate;
  if (certificate.subject.vaultId !== vaultId || certificate.certificateId !== certificateId) {
    throw new HoldfastError('SIGNATURE_INVALID', { problem: 'it is the certificate of another' });
  }
  const record = {
    kind: 'certificate' as const,
    ...{ vaultId, certificateId, erasureId: erasure.erasureId, statement, audit },
    openedAt: issuedAt,
    refusedFor: null,
    signed: { jws, payloadSha256 },
    issuedAt,
  };
  return { record, certificate };
}
