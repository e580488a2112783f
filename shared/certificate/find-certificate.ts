import type { CertificateRecord } from '../domain/certificate-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import { requireId } from '../domain/ids.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';

/** @returns one certificate of a vault; `null` for no id. */
export async function findCertificate(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  certificateId: string | null,
): Promise<CertificateRecord | null> {
  const stored =
    certificateId === null ? undefined : await ledger.get('certificate', vaultId, certificateId);
  return stored?.record ?? null;
}

/**
 * @returns the certificates of a vault that are issued, oldest first. One that is still being
 * issued is not shown: nobody shall rely on it.
 * @throws HoldfastError `ID_INVALID`, `VAULT_UNKNOWN`.
 */
export async function listCertificates(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<CertificateRecord[]> {
  await requireVault(ledger, vaultId);
  const found: CertificateRecord[] = [];
  for await (const { record } of ledger.list('certificate', { vaultId })) {
    if (record.issuedAt !== null) {
      found.push(record);
    }
  }
  return found;
}

/** @throws HoldfastError `ID_INVALID`, `VAULT_UNKNOWN`, `CERTIFICATE_UNKNOWN` unless issued. */
export async function requireCertificate(
  services: Pick<Services, 'ledger'>,
  vaultId: string,
  certificateId: string,
): Promise<CertificateRecord> {
  await requireVault(services.ledger, vaultId);
  const id = requireId('certificate', certificateId);
  const record = await findCertificate(services, vaultId, id);
  if (record === null || record.issuedAt === null) {
    throw new HoldfastError('CERTIFICATE_UNKNOWN', { vaultId, certificateId: id });
  }
  return record;
}
