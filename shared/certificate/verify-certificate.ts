import { HoldfastError } from '../domain/errors.ts';
import { parseCertificate } from '../format/certificate.ts';
import { openStatement } from '../format/signed-statement.ts';
import type { VerifiedCertificate } from './page/render-page.ts';

/**
 * Verifies a certificate with the issuer's public key. Needs no network and trusts nothing that the
 * certificate says of itself.
 *
 * @param jws - the compact JSON Web Signature, as it lies under `certificates/`.
 * @throws HoldfastError `SIGNATURE_INVALID` when it was not signed by this key or is no
 * certificate; `INPUT_INVALID` when the key is none.
 */
export async function verifyCertificate(
  jws: string,
  publicKey: string,
): Promise<VerifiedCertificate> {
  const { payload, payloadSha256, keyId } = await openStatement(
    'holdfast-certificate',
    jws,
    publicKey,
  );
  const certificate = parseCertificate(payload);
  if (certificate === undefined) {
    throw new HoldfastError('SIGNATURE_INVALID', { problem: 'it states no erasure' });
  }
  return { certificate, payloadSha256, keyId };
}
