import {
  type CertificateAnswer,
  type CertificateSummary,
  presentCertificate,
  type SigningKeyAnswer,
} from '../admin-api/proof-answers.ts';
import { listCertificates, requireCertificate } from '../certificate/find-certificate.ts';
import { thumbprintOf } from '../format/signed-statement.ts';
import type { Services } from '../ports/services.ts';

/** @throws HoldfastError `VAULT_UNKNOWN`. */
export async function showCertificates(
  services: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<{ certificates: CertificateSummary[] }> {
  const records = await listCertificates(services, vaultId);
  return {
    certificates: records.map((record) => {
      const { jws: _, ...summary } = presentCertificate(record);
      return summary;
    }),
  };
}

/** @throws HoldfastError `VAULT_UNKNOWN`, `CERTIFICATE_UNKNOWN` unless it is issued. */
export async function showCertificate(
  services: Pick<Services, 'ledger'>,
  { vaultId, certificateId }: { vaultId: string; certificateId: string },
): Promise<CertificateAnswer> {
  return presentCertificate(await requireCertificate(services, vaultId, certificateId));
}

/** @throws HoldfastError `SIGNING_UNAVAILABLE`. */
export async function showSigningKey({
  signing,
}: Pick<Services, 'signing'>): Promise<SigningKeyAnswer> {
  const publicKey = await signing.publicKey();
  return { publicKey, keyId: await thumbprintOf(publicKey) };
}
