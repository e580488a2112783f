import { verifyCertificate } from '../certificate/verify-certificate.ts';
import { METRICS } from '../config/metric-names.ts';
import type { CertificateRecord, TombstoneRecord } from '../domain/certificate-records.ts';
import { COPY_NAMES } from '../domain/copy-name.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import { isFault } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import { certificateKey, tombstoneKey } from '../format/object-keys.ts';
import type { Tombstone } from '../format/tombstone.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { locateIn, locateProof } from '../proof/locate-proof.ts';
import { readObject } from '../proof/read-object.ts';
import { changeVault } from '../registry/change-vault.ts';
import { everyVault } from '../registry/every-vault.ts';
import { findTombstone } from './find-tombstone.ts';

type ReconcilingServices = Pick<
  Services,
  'ledger' | 'clock' | 'copies' | 'custody' | 'signing' | 'telemetry'
>;

/**
 * Compares the ledger with the tombstones: a vault that has one of which the ledger knows nothing
 * comes from a ledger that was restored to a time before its erasure or its certificate. It is made
 * ERASED again, once KMS says in both Regions that its keys are gone, and gets the certificate that
 * was issued for it; no other one is issued. A tombstone of a vault whose keys are there is no
 * proof of anything and raises the metric `TombstoneDisputed`; that vault stays refused for every
 * use.
 *
 * @returns how many vaults were made ERASED, or were told of their tombstone.
 * @throws HoldfastError the first failure, after all were looked at.
 */
export async function reconcileErased(services: ReconcilingServices): Promise<number> {
  const failures: unknown[] = [];
  let [reconciled, disputed] = [0, 0];
  for await (const vault of everyVault(services)) {
    try {
      if (vault.state === 'ERASED' && (await knowsTombstone(services, vault))) {
        continue;
      }
      const outcome = await reconcile(services, vault);
      reconciled += outcome === 'reconciled' ? 1 : 0;
      disputed += outcome === 'disputed' ? 1 : 0;
    } catch (error) {
      const code = isFault(error) ? error.code : 'UNEXPECTED';
      services.telemetry.event('tombstone.not-compared', { vaultId: vault.vaultId, code });
      failures.push(error);
    }
  }
  services.telemetry.measure(METRICS.tombstoneDisputed, disputed);
  if (failures.length > 0) {
    throw failures[0];
  }
  return reconciled;
}

async function reconcile(
  services: ReconcilingServices,
  vault: Vault,
): Promise<'nothing' | 'reconciled' | 'disputed'> {
  const { vaultId, keys } = vault;
  const tombstone = await findTombstone(services, vaultId);
  if (tombstone === undefined) {
    return 'nothing';
  }
  const states = await services.custody.states(keys);
  const isGone = COPY_NAMES.every(
    (copy) => states[copy].state === 'Gone' && tombstone.keys[copy] === keys[copy],
  );
  if (!isGone) {
    services.telemetry.event('tombstone.disputed', { vaultId });
    return 'disputed';
  }
  await markErased(services, tombstone);
  services.telemetry.event('tombstone.reconciled', { vaultId });
  return 'reconciled';
}

/** Not a transition of the vault's life, which ended before: the ledger catches up. */
async function markErased(services: ReconcilingServices, tombstone: Tombstone): Promise<void> {
  const { vaultId, erasureId } = tombstone;
  const record = await tombstoneRecord(services, tombstone);
  const certificate = await recoverCertificate(services, tombstone);
  const certificateId = certificate?.certificateId ?? null;
  await changeVault(services, vaultId, async (vault) => {
    const isTold = record === null || (await knowsTombstone(services, vault));
    if (vault.state === 'ERASED' && isTold) {
      return null;
    }
    const erasure = await services.ledger.get('erasure', vaultId, erasureId);
    const also: Change[] = record === null ? [] : [{ record, expect: 'absent' }];
    if (certificate !== null && !(await isKnown(services, certificate))) {
      also.push({ record: certificate, expect: 'absent' });
    }
    if (erasure !== undefined) {
      const ended: Erasure = {
        ...erasure.record,
        state: 'ERASED',
        endedAt: tombstone.erasedAt,
        certificateId,
      };
      also.push({ record: ended, expect: erasure.version });
    }
    return {
      vault: {
        ...vault,
        state: 'ERASED' as const,
        nextBackupAt: null,
        activeRun: null,
        erasureId: erasure === undefined ? null : erasureId,
      },
      actor: 'holdfast:write-checkpoint',
      action: 'vault.reconciled',
      reason: 'TOMBSTONE',
      details: { erasureId, certificateId, from: vault.state },
      also,
      result: null,
    };
  });
}

async function knowsTombstone(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId }: Pick<Vault, 'vaultId'>,
): Promise<boolean> {
  return (await ledger.get('tombstone', vaultId)) !== undefined;
}

/** @returns what the ledger is to know of a tombstone; `null` while not both copies show it. */
async function tombstoneRecord(
  { clock, copies }: ReconcilingServices,
  { vaultId, erasureId, certificateId }: Tombstone,
): Promise<TombstoneRecord | null> {
  const found = await Promise.allSettled(
    COPY_NAMES.map((name) => locateIn(copies[name], tombstoneKey(vaultId))),
  );
  const [primary, secondary] = found.map((one) =>
    one.status === 'fulfilled' ? one.value?.versionId : undefined,
  );
  if (primary === undefined || secondary === undefined) {
    return null;
  }
  const writtenAt = clock.now().toISOString();
  const versions = { primary, secondary };
  return { kind: 'tombstone', vaultId, erasureId, certificateId, writtenAt, versions };
}

/**
 * @returns the record of the certificate that was issued with the tombstone, from the copies;
 * `null` when the tombstone was written and the certificate was not.
 */
async function recoverCertificate(
  services: ReconcilingServices,
  { vaultId, erasureId, certificateId }: Tombstone,
): Promise<CertificateRecord | null> {
  const key = certificateKey(certificateId);
  const located = await locateProof(services, key);
  if (located === undefined) {
    return null;
  }
  const jws = (await readObject(located.copy, key, located.versionId)).toString('utf8');
  const publicKey = await services.signing.publicKey();
  const { certificate, payloadSha256 } = await verifyCertificate(jws, publicKey);
  const { statement, issuedAt, audit } = certificate;
  return {
    kind: 'certificate',
    ...{ vaultId, certificateId, erasureId, statement, audit },
    openedAt: issuedAt,
    signed: { jws, payloadSha256 },
    issuedAt,
  };
}

async function isKnown(
  { ledger }: ReconcilingServices,
  { vaultId, certificateId }: CertificateRecord,
): Promise<boolean> {
  return (await ledger.get('certificate', vaultId, certificateId)) !== undefined;
}
