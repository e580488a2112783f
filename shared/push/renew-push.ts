import type { RenewPushBody } from '../admin-api/messages.ts';
import type { PushRenewalAnswer } from '../admin-api/push-answers.ts';
import type { RunAddress } from '../backup/find-run.ts';
import { lockPacks } from '../backup/lock-packs.ts';
import { leaseVault } from '../backup/vault-lease.ts';
import type { Pack } from '../domain/records.ts';
import { manifestKey, packKey } from '../format/object-keys.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { examineWritten, refuse } from './examine-written.ts';
import { carriedLockOf, type PushRun, requirePush, requireUnderWay } from './require-push.ts';

type RenewingServices = Pick<Services, 'ledger' | 'clock' | 'copies'>;

/**
 * Hears that a push goes on:
 *
 * 1. packs it has written are examined in both copies and recorded, so that nothing of a push that
 *    is cut off is unknown
 * 2. earlier packs it carries forward are locked as its snapshot asks for
 * 3. the vault is its own for another while
 *
 * May be repeated: what is recorded already stays as it is.
 *
 * @throws HoldfastError `PUSH_REFUSED` for a pack that is not as it should be, or known otherwise;
 * `OBJECT_DAMAGED` when an earlier pack is not known, `OBJECT_MISSING` when a copy has lost it; as
 * `requirePush` and `requireUnderWay` do.
 */
export async function renewPush(
  services: RenewingServices,
  address: RunAddress,
  { written, carried }: RenewPushBody,
): Promise<PushRenewalAnswer> {
  const { record: run } = await requirePush(services.ledger, address);
  const stored = await requireVault(services.ledger, address.vaultId);
  requireUnderWay(run, stored.record);
  const { snapshotId, lockedUntil } = run.push;
  const packs = written.map(
    ({ packId, ...object }): Pack => ({
      kind: 'pack',
      vaultId: address.vaultId,
      packId,
      snapshotId,
      runId: run.runId,
      lockedUntil,
      droppedBy: null,
      life: null,
      key: packKey(address.vaultId, packId),
      ...object,
    }),
  );
  const end = new Date(lockedUntil);
  await examineWritten(services, { runId: run.runId, lockedUntil: end }, packs);
  const fresh = await unknownPacks(services, run, packs);
  const until = await prolong(services, address, fresh);
  const manifest = manifestKey(address.vaultId, snapshotId, 0);
  const wanted = new Set(carried);
  const lock = await carriedLockOf(services.ledger, run);
  if (wanted.size === 0) {
    return { until, carried: [] };
  }
  const { packs: locked } = await lockPacks(services, address.vaultId, wanted, lock, manifest);
  return { until, carried: locked };
}

/** A pack that was recorded when an answer got lost is known already, as exactly this one. */
async function unknownPacks(
  { ledger }: RenewingServices,
  run: PushRun,
  packs: readonly Pack[],
): Promise<Change[]> {
  const found = await Promise.all(
    packs.map(({ vaultId, packId }) => ledger.get('pack', vaultId, packId)),
  );
  return packs.flatMap((record, index): Change[] => {
    const known = found[index]?.record;
    if (known === undefined) {
      return [{ record, expect: 'absent' }];
    }
    const isSame = known.snapshotId === record.snapshotId && known.sha256 === record.sha256;
    return isSame ? [] : refuse(run.runId, record.key, 'is known as another pack');
  });
}

/** Records the packs in one transaction with the lease: a push that lost its vault adds nothing. */
async function prolong(
  services: RenewingServices,
  address: RunAddress,
  packs: readonly Change[],
): Promise<string> {
  const { ledger, clock } = services;
  return writeDecision(services, async () => {
    const { record: run } = await requirePush(ledger, address);
    const stored = await requireVault(ledger, address.vaultId);
    requireUnderWay(run, stored.record);
    const vault = leaseVault(stored.record, run.runId, clock.now());
    const changes = [{ record: vault, expect: stored.version }, ...packs];
    return { changes, result: vault.activeRun.until };
  });
}
