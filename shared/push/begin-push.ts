import type { PushAnswer } from '../admin-api/answers.ts';
import { requirePolicy, requireSnapshot } from '../backup/take-vault.ts';
import { type LeasedVault, leaseVault } from '../backup/vault-lease.ts';
import { daysAfter, lockEnd } from '../domain/lock.ts';
import type { BackupRun, PushDraft, Snapshot, Vault } from '../domain/records.ts';
import { requireFolderSource } from '../domain/vault-source.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';

/** Why a push ended that was never heard of again. */
const ABANDONED = 'ABANDONED';

type BeginningServices = Pick<Services, 'ledger' | 'clock' | 'ids' | 'installation'>;

/**
 * Takes a vault for a push and promises the snapshot that it is to become: its id, and how long it
 * is kept and locked. The machine that pushes decides none of these. A push that was not heard of
 * for the length of a lease gives way, and is recorded as failed.
 *
 * @param actor - ARN of the caller.
 * @returns all that the pushing machine needs to know of the ledger.
 * @throws HoldfastError `ID_INVALID`, `VAULT_UNKNOWN`, `SOURCE_NOT_FOLDER`, `VAULT_NOT_ACTIVE`,
 * `BACKUP_RUNNING`, `POLICY_UNKNOWN`.
 */
export async function beginPush(
  services: BeginningServices,
  actor: string,
  vaultId: string,
): Promise<PushAnswer> {
  const runId = services.ids.next();
  const snapshotId = services.ids.next();
  return changeVault(services, vaultId, async (vault) => {
    requireFolderSource(vault);
    const now = services.clock.now();
    const leased = leaseVault(vault, runId, now);
    const push = draftOf(vault, snapshotId, now);
    const run: BackupRun = {
      kind: 'run',
      vaultId,
      runId,
      state: 'RUNNING',
      requestedBy: actor,
      requestedAt: now.toISOString(),
      endedAt: null,
      snapshotId: null,
      failure: null,
      push,
    };
    const previous = await findPrevious(services, vault);
    return {
      vault: leased,
      actor,
      action: 'push.begun',
      details: { runId, snapshotId },
      also: [
        { record: run, expect: 'absent' as const },
        ...(await endAbandoned(services, vault, now)),
      ],
      result: answerOf(services, leased, runId, push, previous),
    };
  });
}

function draftOf(vault: Vault, snapshotId: string, now: Date): PushDraft {
  const policy = requirePolicy(vault);
  const retainUntil = daysAfter(now, policy.snapshots.keepDays);
  return {
    snapshotId,
    createdAt: now.toISOString(),
    retainUntil: retainUntil.toISOString(),
    lockedUntil: lockEnd(retainUntil, policy.lock.gridDays).toISOString(),
    previousSnapshotId: vault.lastSnapshotId,
  };
}

async function findPrevious(
  services: BeginningServices,
  { vaultId, lastSnapshotId }: Vault,
): Promise<Snapshot | null> {
  return lastSnapshotId === null ? null : requireSnapshot(services, vaultId, lastSnapshotId);
}

/** The lease of the run that had the vault has ended, or it could not have been taken. */
async function endAbandoned(
  { ledger }: BeginningServices,
  { vaultId, activeRun }: Vault,
  now: Date,
): Promise<Change[]> {
  const found = activeRun && (await ledger.get('run', vaultId, activeRun.runId));
  if (found?.record.state !== 'RUNNING') {
    return [];
  }
  const endedAt = now.toISOString();
  const record: BackupRun = { ...found.record, state: 'FAILED', endedAt, failure: ABANDONED };
  return [{ record, expect: found.version }];
}

function answerOf(
  { installation }: BeginningServices,
  { vaultId, keys, activeRun }: LeasedVault,
  runId: string,
  push: PushDraft,
  previous: Snapshot | null,
): PushAnswer {
  return {
    ...push,
    vaultId,
    runId,
    keys,
    previous: previous && {
      vaultId,
      snapshotId: previous.snapshotId,
      manifests: previous.manifests,
      counts: previous.counts,
    },
    until: activeRun.until,
    installation,
  };
}
