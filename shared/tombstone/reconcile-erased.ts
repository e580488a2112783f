import { restingCopies } from '../backup/resting-copy.ts';
import { recoverCertificate } from '../certificate/recover-certificate.ts';
import { recoveredErasure } from '../certificate/recover-erasure.ts';
import { METRICS } from '../config/metric-names.ts';
import type { CertificateRecord, TombstoneRecord } from '../domain/certificate-records.ts';
import { COPY_NAMES, type PerCopy } from '../domain/copy-name.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import type { Vault } from '../domain/records.ts';
import { takeInventory } from '../erasure/take-inventory.ts';
import { tombstoneKey } from '../format/object-keys.ts';
import type { Tombstone } from '../format/tombstone.ts';
import type { Change } from '../ports/ledger.ts';
import type { ComparisonStart } from '../ports/pipeline.ts';
import type { Services } from '../ports/services.ts';
import { locateIn } from '../proof/locate-proof.ts';
import { changeVault } from '../registry/change-vault.ts';
import { handOver, passOverVaults } from '../registry/pass-over-vaults.ts';
import { findTombstone } from './find-tombstone.ts';
import { markReconciled } from './require-reconciled.ts';

type ReconcilingServices = Pick<
  Services,
  'ledger' | 'clock' | 'copies' | 'custody' | 'signing' | 'telemetry' | 'request'
>;

/** What one invocation has found. A type alias: it is logged as it is. */
export type Reconciliation = {
  readonly vaults: number;
  /** Vaults that were made ERASED, or were told of their tombstone. */
  readonly reconciled: number;
  /** Vaults that have a tombstone although their keys exist. */
  readonly disputed: number;
  /** Whether another invocation goes on. */
  readonly isHandedOver: boolean;
};

/**
 * Compares the ledger with the tombstones: a vault that has one of which the ledger knows nothing
 * comes from a ledger that was restored to a time before its erasure or its certificate. It is made
 * ERASED again, once KMS says in both Regions that its keys are gone, those that the ledger names
 * and those that the tombstone does, and gets the certificate that was issued for it, and the
 * erasure as that states it; no other one is issued. A tombstone of a vault whose keys are there is
 * no proof of anything and raises the metric `TombstoneDisputed`; that vault stays refused for
 * every use. Once every vault was compared and none has failed, the ledger is reconciled: only then
 * does a restored one serve anything else (see `require-reconciled.ts`).
 *
 * @param from - where the invocation before has ended. @default from the beginning
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `PIPELINE_UNAVAILABLE`, `PASS_STUCK`; at the end of
 * the last invocation its first failure with a single vault.
 */
export async function reconcileErased(
  all: ReconcilingServices & Pick<Services, 'pipeline'>,
  hasTime: () => boolean,
  { after, begunIn }: ComparisonStart = { after: '' },
): Promise<Reconciliation> {
  const services = { ...all, copies: restingCopies(all.copies) };
  const comparedIn = after === '' ? await all.ledger.identity() : begunIn;
  let [reconciled, disputed] = [0, 0];
  const pass = await passOverVaults(
    services,
    { name: 'tombstones', after, hasTime },
    async (vault) => {
      const isSettled = vault.state === 'ERASED' && (await knowsTombstone(services, vault));
      const outcome = isSettled ? 'nothing' : await reconcile(services, vault);
      reconciled += outcome === 'reconciled' ? 1 : 0;
      disputed += outcome === 'disputed' ? 1 : 0;
      return true;
    },
  );
  services.telemetry.measure(METRICS.tombstoneDisputed, disputed);
  const cleanIn = pass.failures.length === 0 ? comparedIn : undefined;
  const isHandedOver = await handOver(
    pass,
    { name: 'comparison with the tombstones', after, hasWorked: reconciled > 0 },
    (stoppedAfter) => all.pipeline.compareTombstones({ after: stoppedAfter, begunIn: cleanIn }),
  );
  if (!isHandedOver && pass.failures.length > 0) {
    throw pass.failures[0];
  }
  if (!isHandedOver && cleanIn !== undefined) {
    await markReconciled(all, cleanIn);
  }
  return { vaults: pass.vaults, reconciled, disputed, isHandedOver };
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
  // A ledger of before a move names other keys than the tombstone: none of them may open anything.
  const isSame = COPY_NAMES.every((copy) => tombstone.keys[copy] === keys[copy]);
  const asked = isSame ? [keys] : [keys, tombstone.keys];
  const areGone = await Promise.all(asked.map((pair) => isGone(services, pair)));
  if (areGone.includes(false)) {
    services.telemetry.event('tombstone.disputed', { vaultId });
    return 'disputed';
  }
  await markErased(services, tombstone);
  services.telemetry.event('tombstone.reconciled', { vaultId });
  return 'reconciled';
}

async function isGone(
  { custody }: Pick<Services, 'custody'>,
  keys: PerCopy<string>,
): Promise<boolean> {
  const states = await custody.states(keys);
  return COPY_NAMES.every((copy) => states[copy].state === 'Gone');
}

/** Not a transition of the vault's life, which ended before: the ledger catches up. */
async function markErased(services: ReconcilingServices, tombstone: Tombstone): Promise<void> {
  const { vaultId, erasureId } = tombstone;
  const record = await tombstoneRecord(services, tombstone);
  const issued = await recoverCertificate(services, vaultId, tombstone.certificateId);
  const certificateId = issued?.record.certificateId ?? null;
  const inventory = await takeInventory(services.ledger, vaultId);
  await changeVault(services, vaultId, async (vault) => {
    const isTold = record === null || (await knowsTombstone(services, vault));
    if (vault.state === 'ERASED' && isTold) {
      return null;
    }
    const known = await services.ledger.get('erasure', vaultId, erasureId);
    const ended: Erasure | undefined = issued
      ? recoveredErasure(issued.certificate, known?.record, inventory)
      : known && { ...known.record, state: 'ERASED', endedAt: tombstone.erasedAt };
    const also: Change[] = record === null ? [] : [{ record, expect: 'absent' }];
    if (issued !== null && !(await isKnown(services, issued.record))) {
      also.push({ record: issued.record, expect: 'absent' });
    }
    if (ended !== undefined) {
      also.push({ record: ended, expect: known?.version ?? 'absent' });
    }
    return {
      vault: {
        ...withLastKeys(vault, tombstone),
        state: 'ERASED' as const,
        nextBackupAt: null,
        activeRun: null,
        erasureId: ended === undefined ? null : erasureId,
      },
      actor: 'holdfast:compare-tombstones',
      action: 'vault.reconciled',
      reason: 'TOMBSTONE',
      details: { erasureId, certificateId, from: vault.state },
      also,
      result: null,
    };
  });
}

/** Of a move that the ledger was restored into, nothing is left to be done. */
function withLastKeys(vault: Vault, { keys, erasedAt }: Tombstone): Vault {
  const { move } = vault;
  return move?.state === 'COPYING'
    ? { ...vault, keys, move: { ...move, state: 'DONE', endedAt: erasedAt } }
    : { ...vault, keys };
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

async function isKnown(
  { ledger }: ReconcilingServices,
  { vaultId, certificateId }: CertificateRecord,
): Promise<boolean> {
  return (await ledger.get('certificate', vaultId, certificateId)) !== undefined;
}
