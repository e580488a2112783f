import { isDeepStrictEqual } from 'node:util';
import { METRICS } from '../config/metric-names.ts';
import type { CertificateRecord, CertificateStatement } from '../domain/certificate-records.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import { HoldfastError, isFault } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import { type Certificate, certificateBytes, parseCertificate } from '../format/certificate.ts';
import { certificateKey } from '../format/object-keys.ts';
import { sha256Of, signStatement } from '../format/signed-statement.ts';
import type { Services } from '../ports/services.ts';
import { writeProof } from '../proof/write-proof.ts';
import { requireVault } from '../registry/find-vault.ts';
import { type DuePass, passOverDue, requireNoFailure } from '../registry/pass-over-due.ts';
import { handOver } from '../registry/pass-over-vaults.ts';
import { findTombstone } from '../tombstone/find-tombstone.ts';
import { writeTombstone } from '../tombstone/write-tombstone.ts';
import { buildCertificate } from './build-certificate.ts';
import { type CertificateFacts, gatherFacts } from './certificate-facts.ts';
import {
  begunAnew,
  closeCertificate,
  openCertificate,
  refuseCertificate,
  type SignedRecord,
  saveSignature,
} from './certificate-record.ts';
import { findCertificate } from './find-certificate.ts';
import { recoverCertificate } from './recover-certificate.ts';
import { requireCertifiable, requireErased } from './require-certifiable.ts';

/** Vaults worked on side by side; a certificate takes a dozen requests, one after the other. */
const VAULTS_AT_ONCE = 4;

/** What issuing a certificate reaches. It can neither decrypt nor destroy. */
export type CertifyingServices = Pick<
  Services,
  'ledger' | 'clock' | 'ids' | 'copies' | 'custody' | 'signing' | 'telemetry' | 'installation'
>;

/**
 * Certifies an erasure, in this order, each step repeatable:
 * 1. opens the certificate's record in the ledger;
 * 2. writes the tombstone into both copies and the ledger, so that from here on the vault cannot
 *    come back;
 * 3. judges whether what is to be stated is there (`requireCertifiable`), signs, and saves the
 *    signed bytes in the record, unless a copy has the certificate already, of which a ledger that
 *    was restored knows nothing;
 * 4. writes them to both copies;
 * 5. closes the record, and the erasure names its certificate.
 * Broken off anywhere, the next run goes on with the same record and the same signed bytes. What is
 * missing is written down and alarmed once; each pass judges again, and issues it should that end.
 *
 * The ciphertext's removal is certified in the same way, by a second certificate.
 *
 * @returns whether a certificate was issued; not when there is nothing left to state, and not while
 * something is missing, or a ledger that was restored has still to learn of the tombstone.
 * @throws HoldfastError `NOT_CERTIFIABLE`, `SIGNING_UNAVAILABLE`, `COPY_UNAVAILABLE`,
 * `KEYS_UNAVAILABLE`, `VAULT_UNKNOWN`, `LEDGER_UNAVAILABLE`, `LEDGER_CONFLICT`.
 */
export async function certifyErasure(
  services: CertifyingServices,
  vaultId: string,
  toolVersion: string,
): Promise<boolean> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const erasure = await findErasure(services, vault);
  const statement = erasure && nextStatement(erasure);
  if (!statement) {
    return false;
  }
  if (await isCertifiedElsewhere(services, vaultId)) {
    return false;
  }
  const facts = await gatherFacts(services, statement, vault, erasure);
  const endedAt = requireErased(facts);
  const opened = await openCertificate(services, facts);
  await writeTombstone(services, vault, opened, endedAt);
  const signed = await signOrRefuse(services, facts, opened, toolVersion);
  if (signed === null) {
    return false;
  }
  await writeProof(services, {
    key: certificateKey(signed.certificateId),
    bytes: Buffer.from(signed.signed.jws),
    contentType: 'application/jose',
    from: new Date(signed.openedAt),
  });
  await closeCertificate(services, signed);
  return true;
}

/**
 * Certifies every erasure that waits for it. One that fails does not stop the others, and an
 * invocation whose time is nearly over lets the next one do the rest.
 *
 * @returns how many certificates were issued.
 * @throws the first failure, after all were tried, unless the next invocation goes on; `PASS_STUCK`
 * when the time was over at once; `PIPELINE_UNAVAILABLE`, `LEDGER_UNAVAILABLE`.
 */
export async function certifyDueErasures(
  services: CertifyingServices & Pick<Services, 'pipeline'>,
  toolVersion: string,
  pass: DuePass = {},
): Promise<number> {
  const end = await passOverDue(
    services,
    { work: 'certificate', failed: 'certificate.failed', atOnce: VAULTS_AT_ONCE, ...pass },
    (vaultId) => certifyErasure(services, vaultId, toolVersion),
  );
  const next = { name: 'certifying', after: pass.after, hasWorked: false };
  const goOn = (after: string) => services.pipeline.certifyErasures({ after });
  if (!(await handOver(end, next, goOn))) {
    requireNoFailure(end);
  }
  return end.count;
}

/** What is still to be stated about an erasure; `null` when everything is. */
function nextStatement(erasure: Erasure): CertificateStatement | null {
  if (erasure.state !== 'ERASED') {
    return null;
  }
  if (erasure.certificateId === null) {
    return 'keys-destroyed';
  }
  const isRemoved = erasure.ciphertextRemovedAt !== null;
  return isRemoved && erasure.removalCertificateId === null ? 'ciphertext-removed' : null;
}

/**
 * A tombstone that the ledger knows nothing of, neither of the certificate it names, was written
 * before this ledger was restored. The daily comparison with the tombstones brings both back.
 */
async function isCertifiedElsewhere(
  services: CertifyingServices,
  vaultId: string,
): Promise<boolean> {
  if ((await services.ledger.get('tombstone', vaultId)) !== undefined) {
    return false;
  }
  const tombstone = await findTombstone(services, vaultId);
  const opened = tombstone && (await findCertificate(services, vaultId, tombstone.certificateId));
  return tombstone !== undefined && opened === null;
}

async function findErasure(
  { ledger }: CertifyingServices,
  { vaultId, erasureId }: Vault,
): Promise<Erasure | null> {
  const stored = erasureId === null ? undefined : await ledger.get('erasure', vaultId, erasureId);
  return stored?.record ?? null;
}

/** @returns `null` when it was not signed, because something is missing. */
async function signOrRefuse(
  services: CertifyingServices,
  facts: CertificateFacts,
  opened: CertificateRecord,
  toolVersion: string,
): Promise<SignedRecord | null> {
  try {
    return await sign(services, facts, opened, toolVersion);
  } catch (error) {
    if (!isFault(error, 'NOT_CERTIFIABLE')) {
      throw error;
    }
    const { vaultId, certificateId } = opened;
    const { missing } = error.data;
    if (await refuseCertificate(services, opened, missing)) {
      services.telemetry.measure(METRICS.certificateRefused, 1);
      services.telemetry.event('certificate.refused', { vaultId, certificateId, missing });
    }
    return null;
  }
}

/** The signing step. It judges for itself, and takes no earlier judgement's word. */
async function sign(
  services: CertifyingServices,
  facts: CertificateFacts,
  opened: CertificateRecord,
  toolVersion: string,
): Promise<SignedRecord> {
  if (opened.signed !== null) {
    return { ...opened, signed: opened.signed };
  }
  const certifiable = requireCertifiable(facts);
  const { vaultId } = facts.vault;
  const issued = await recoverCertificate(services, vaultId, opened.certificateId);
  if (issued !== null) {
    return saveSignature(services, { ...opened, signed: issued.record.signed }, 'recovered');
  }
  const { signing, installation } = services;
  const first = await findCertificate(services, vaultId, facts.erasure.certificateId);
  const signedAt = services.clock.now().toISOString();
  const record = begunAnew(opened, facts.vault, signedAt);
  const issue = { record, first, installation, toolVersion, signedAt };
  const bytes = bytesToSign(buildCertificate(certifiable, issue));
  const publicKey = await signing.publicKey();
  const jws = await signStatement('holdfast-certificate', bytes, publicKey, (input) =>
    signing.sign(input),
  );
  const signed = { jws, payloadSha256: sha256Of(bytes) };
  return saveSignature(services, { ...record, signed }, 'signed');
}

/**
 * What is signed cannot be taken back, so it must be what a verifier will read.
 * @throws HoldfastError `NOT_CERTIFIABLE` when it would refuse it, or read less.
 */
function bytesToSign(certificate: Certificate): Buffer {
  const bytes = certificateBytes(certificate);
  if (!isDeepStrictEqual(parseCertificate(bytes), JSON.parse(bytes.toString('utf8')))) {
    const missing = 'the statement has a field that no verifier would accept';
    throw new HoldfastError('NOT_CERTIFIABLE', { vaultId: certificate.subject.vaultId, missing });
  }
  return bytes;
}
