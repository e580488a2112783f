import { HoldfastError } from '../domain/errors.ts';
import type { BackupRun, Snapshot } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireRun } from './find-run.ts';
import { nextBackupAt } from './next-backup.ts';
import type { TakenVault } from './take-vault.ts';
import { requireActive } from './vault-lease.ts';

/**
 * Makes a snapshot visible: snapshot, vault, run and audit entry in one transaction. Nothing of the
 * snapshot can be seen before, and afterwards it is whole.
 *
 * @param actor - who makes it visible: the function that runs backups, or the ARN of who pushes.
 * @returns `null` when the same run has committed another attempt meanwhile.
 * @throws HoldfastError `BACKUP_RUNNING` when another run has taken the vault over,
 * `VAULT_NOT_ACTIVE`, `TRANSITION_FORBIDDEN`, `LEDGER_CONFLICT`.
 */
export async function commitSnapshot(
  services: Pick<Services, 'ledger' | 'clock'>,
  { policy, previous }: TakenVault,
  snapshot: Snapshot,
  actor = 'holdfast:run-backup',
): Promise<Snapshot | null> {
  const { vaultId, runId, snapshotId, createdAt, counts, protectionState } = snapshot;
  return changeVault(services, vaultId, async (vault) => {
    const { record, version } = await requireRun(services.ledger, snapshot);
    if (record.state === 'SUCCEEDED') {
      return null;
    }
    if (record.state === 'FAILED') {
      const what = `Run ${runId}`;
      throw new HoldfastError('TRANSITION_FORBIDDEN', { what, from: 'FAILED', to: 'SUCCEEDED' });
    }
    requireActive(vault);
    requireUndisturbed(vault.activeRun, vault.lastSnapshotId, previous, snapshot);
    const now = services.clock.now();
    const { progress: _, ...ended } = record;
    const run: BackupRun = {
      ...ended,
      state: 'SUCCEEDED',
      endedAt: now.toISOString(),
      snapshotId,
    };
    const { records, bytes, readRecords, packs, skipped } = counts;
    return {
      vault: {
        ...vault,
        lastSnapshotId: snapshotId,
        lastSnapshotAt: createdAt,
        nextBackupAt:
          vault.source.kind === 's3'
            ? nextBackupAt(vault.createdAt, policy.backup.everyHours, now)
            : null,
        activeRun: null,
      },
      actor,
      action: 'backup.committed',
      details: { runId, snapshotId, records, bytes, readRecords, packs, skipped, protectionState },
      also: [
        { record: snapshot, expect: 'absent' },
        { record: run, expect: version },
      ],
      result: snapshot,
    };
  });
}

/**
 * What the run was based on must still hold: the vault is its own, its predecessor the last. Ids
 * ascend from snapshot to snapshot: which of them need a pack is read off their order.
 */
function requireUndisturbed(
  activeRun: { runId: string } | null,
  lastSnapshotId: string | null,
  previous: Snapshot | null,
  { vaultId, runId, snapshotId }: Snapshot,
): void {
  if (activeRun !== null && activeRun.runId !== runId) {
    throw new HoldfastError('BACKUP_RUNNING', { vaultId, runId: activeRun.runId });
  }
  const isSuccessor = lastSnapshotId === (previous?.snapshotId ?? null);
  if (activeRun === null || !isSuccessor || snapshotId <= (lastSnapshotId ?? '')) {
    throw new HoldfastError('LEDGER_CONFLICT', { record: `vault ${vaultId}` });
  }
}
