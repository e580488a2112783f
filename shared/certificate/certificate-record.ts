import type { CertificateRecord } from '../domain/certificate-records.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import { continuingId } from '../domain/ids.ts';
import type { Vault } from '../domain/records.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import type { CertificateFacts } from './certificate-facts.ts';

/** Name under which certificates are written into the audit chain. */
const ACTOR = 'holdfast:certify-erasures';

type RecordServices = Pick<Services, 'ledger' | 'clock' | 'ids'>;

/** A certificate that has its signature. */
export type SignedRecord = CertificateRecord & {
  readonly signed: NonNullable<CertificateRecord['signed']>;
};

/**
 * Opens the record of a certificate, before anything of it is written. The id of a second one
 * follows from that of the first, so that a ledger that was restored, and opens it again, finds in
 * the copies what was issued under it.
 * @returns the record that was opened before, when there is one: nothing is certified twice.
 */
export async function openCertificate(
  services: RecordServices,
  { vault, erasure, statement }: CertificateFacts,
): Promise<CertificateRecord> {
  const { vaultId, erasureId } = erasure;
  const continues = statement === 'ciphertext-removed' ? erasure.certificateId : null;
  const certificateId = continues === null ? services.ids.next() : continuingId(continues);
  const opened = await changeVault(services, vaultId, async (current) => {
    if ((await findOpened(services, erasure, statement)) !== undefined) {
      return null;
    }
    const record: CertificateRecord = {
      kind: 'certificate',
      ...{ vaultId, certificateId, erasureId, statement },
      openedAt: services.clock.now().toISOString(),
      audit: auditOf(vault),
      refusedFor: null,
      signed: null,
      issuedAt: null,
    };
    return {
      vault: current,
      actor: ACTOR,
      action: 'certificate.opened',
      details: { certificateId, erasureId, statement },
      also: [{ record, expect: 'absent' as const }],
      result: record,
    };
  });
  const found = opened ?? (await findOpened(services, erasure, statement))?.record;
  if (found === undefined) {
    throw new HoldfastError('LEDGER_CONFLICT', { record: `certificate ${certificateId}` });
  }
  return found;
}

/**
 * Writes down that a certificate cannot be issued, and why, once for each reason.
 * @returns whether that is new.
 */
export async function refuseCertificate(
  services: RecordServices,
  { vaultId, certificateId, erasureId, statement }: CertificateRecord,
  missing: string,
): Promise<boolean> {
  const refused = await changeVault(services, vaultId, async (vault) => {
    const stored = await requireRecord(services, { vaultId, certificateId });
    if (stored.record.signed !== null || stored.record.refusedFor === missing) {
      return null;
    }
    return {
      vault,
      actor: ACTOR,
      action: 'certificate.refused',
      reason: 'NOT_CERTIFIABLE',
      outcome: 'denied' as const,
      details: { certificateId, erasureId, statement, missing },
      also: [{ record: { ...stored.record, refusedFor: missing }, expect: stored.version }],
      result: true,
    };
  });
  return refused === true;
}

/**
 * @returns the record as it is to be signed: one that was refused before is begun anew, under the
 * same id, which the tombstone names. What it states is so now, and was not then.
 */
export function begunAnew(record: CertificateRecord, judged: Vault, at: string): CertificateRecord {
  return record.refusedFor === null
    ? record
    : { ...record, openedAt: at, audit: auditOf(judged), refusedFor: null };
}

/**
 * Keeps the signed bytes before anybody sees them.
 * @param how - whether they were signed now, or lie in the copies already.
 * @returns the record with the signature that was kept first: two signatures of one statement
 * differ, and only one of them is issued.
 */
export async function saveSignature(
  services: RecordServices,
  record: SignedRecord,
  how: 'signed' | 'recovered',
): Promise<SignedRecord> {
  const { vaultId, certificateId } = record;
  const saved = await changeVault(services, vaultId, async (vault) => {
    const stored = await requireRecord(services, record);
    if (stored.record.signed !== null) {
      return null;
    }
    return {
      vault,
      actor: ACTOR,
      action: `certificate.${how}`,
      details: { certificateId, payloadSha256: record.signed.payloadSha256 },
      also: [{ record, expect: stored.version }],
      result: record,
    };
  });
  if (saved !== null) {
    return saved;
  }
  const { record: first } = await requireRecord(services, record);
  return first.signed === null ? record : { ...first, signed: first.signed };
}

/** Closes the record of a certificate that lies in both copies; its erasure names it then. */
export async function closeCertificate(
  services: RecordServices,
  { vaultId, certificateId, erasureId, statement, signed }: SignedRecord,
): Promise<void> {
  await changeVault(services, vaultId, async (vault) => {
    const stored = await requireRecord(services, { vaultId, certificateId });
    const erasure = await services.ledger.get('erasure', vaultId, erasureId);
    if (stored.record.issuedAt !== null || erasure === undefined) {
      return null;
    }
    const named: Erasure =
      statement === 'keys-destroyed'
        ? { ...erasure.record, certificateId }
        : { ...erasure.record, removalCertificateId: certificateId };
    const issuedAt = services.clock.now().toISOString();
    return {
      vault,
      actor: ACTOR,
      action: 'certificate.issued',
      details: { certificateId, erasureId, statement, payloadSha256: signed.payloadSha256 },
      also: [
        { record: { ...stored.record, issuedAt }, expect: stored.version },
        { record: named, expect: erasure.version },
      ],
      result: null,
    };
  });
}

function auditOf({ audit }: Vault): CertificateRecord['audit'] {
  return { entries: audit.count, head: audit.head };
}

async function findOpened(
  { ledger }: RecordServices,
  { vaultId, erasureId }: Erasure,
  statement: CertificateRecord['statement'],
): Promise<Stored<'certificate'> | undefined> {
  for await (const stored of ledger.list('certificate', { vaultId })) {
    if (stored.record.erasureId === erasureId && stored.record.statement === statement) {
      return stored;
    }
  }
  return undefined;
}

async function requireRecord(
  { ledger }: RecordServices,
  { vaultId, certificateId }: Pick<CertificateRecord, 'vaultId' | 'certificateId'>,
): Promise<Stored<'certificate'>> {
  const stored = await ledger.get('certificate', vaultId, certificateId);
  if (stored === undefined) {
    throw new HoldfastError('CERTIFICATE_UNKNOWN', { vaultId, certificateId });
  }
  return stored;
}
