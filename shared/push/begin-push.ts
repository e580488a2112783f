import type { PushAnswer } from '../admin-api/push-answers.ts';
import { endOvertaken } from '../backup/end-overtaken.ts';
import { newRun } from '../backup/new-run.ts';
import { type LeasedVault, leaseVault } from '../backup/vault-lease.ts';
import { requireId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import type { BackupRun, PushDraft, Snapshot } from '../domain/records.ts';
import { snapshotDates, toInstants } from '../domain/snapshot-dates.ts';
import { requireFolderSource } from '../domain/vault-source.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { findSnapshot } from '../registry/find-snapshot.ts';
import { packsToRepack } from '../retention/repack.ts';
import { refuseErased } from '../tombstone/find-tombstone.ts';

type BeginningServices = Pick<Services, 'ledger' | 'clock' | 'ids' | 'copies' | 'installation'>;

/**
 * Takes a vault for a push and promises the snapshot that it is to become: its id, and how long it
 * is kept and locked. The machine that pushes decides none of these. A push that was not heard of
 * for the length of a lease gives way, and is recorded as failed.
 *
 * @param actor - ARN of the caller.
 * @returns all that the pushing machine needs to know of the ledger.
 * @throws HoldfastError `ID_INVALID`, `VAULT_UNKNOWN`, `SOURCE_NOT_FOLDER`, `VAULT_NOT_ACTIVE`,
 * `BACKUP_RUNNING`, `POLICY_UNKNOWN`; `VAULT_UNREADABLE` when the vault has a tombstone.
 */
export async function beginPush(
  services: BeginningServices,
  actor: string,
  vaultId: string,
): Promise<PushAnswer> {
  const runId = services.ids.next();
  const snapshotId = services.ids.next();
  await refuseErased(services, requireId('vault', vaultId));
  return changeVault(services, vaultId, async (vault) => {
    requireFolderSource(vault);
    const now = services.clock.now();
    const leased = leaseVault(vault, runId, now);
    const policy = await policyOf(services.ledger, vault);
    const previous = await findSnapshot(services.ledger, vaultId, vault.lastSnapshotId);
    const repack = await packsToRepack(services.ledger, vaultId);
    const push = draftOf(policy, previous, snapshotId, now);
    const run: BackupRun = { ...newRun(vault, runId, actor, now), push };
    return {
      vault: leased,
      actor,
      action: 'push.begun',
      details: { runId, snapshotId },
      also: [
        { record: run, expect: 'absent' as const },
        ...(await endOvertaken(services.ledger, vault, runId)),
      ],
      result: answerOf(services, leased, runId, push, { previous, repack }),
    };
  });
}

function draftOf(
  policy: Policy,
  previous: Snapshot | null,
  snapshotId: string,
  now: Date,
): PushDraft {
  return {
    snapshotId,
    ...toInstants(snapshotDates(policy, now, previous)),
    previousSnapshotId: previous?.snapshotId ?? null,
  };
}

function answerOf(
  { installation }: BeginningServices,
  { vaultId, keys, activeRun }: LeasedVault,
  runId: string,
  push: PushDraft,
  { previous, repack }: { previous: Snapshot | null; repack: ReadonlySet<string> },
): PushAnswer {
  return {
    ...push,
    vaultId,
    runId,
    keys,
    repack: [...repack],
    previous: previous && {
      vaultId,
      snapshotId: previous.snapshotId,
      seal: previous.seal,
      counts: previous.counts,
    },
    until: activeRun.until,
    installation,
  };
}
