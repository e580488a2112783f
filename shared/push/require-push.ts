import { type RunAddress, requireRun } from '../backup/find-run.ts';
import { HoldfastError } from '../domain/errors.ts';
import { type CarriedLock, carriedLock } from '../domain/lock.ts';
import type { BackupRun, PushDraft, Vault } from '../domain/records.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Ledger } from '../ports/ledger.ts';

/** The run of a push. */
export type PushRun = BackupRun & { readonly push: PushDraft };

/** @throws HoldfastError `ID_INVALID`, `RUN_UNKNOWN`, `PUSH_UNKNOWN` when the run is no push. */
export async function requirePush(
  ledger: Ledger,
  address: RunAddress,
): Promise<{ record: PushRun; version: number }> {
  const { record, version } = await requireRun(ledger, address);
  const { push } = record;
  if (push === undefined) {
    const { vaultId, runId } = address;
    throw new HoldfastError('PUSH_UNKNOWN', { vaultId, runId });
  }
  return { record: { ...record, push }, version };
}

/**
 * @throws HoldfastError `TRANSITION_FORBIDDEN` when the push has ended; `BACKUP_RUNNING` when
 * another run has taken the vault over, `LEDGER_CONFLICT` when one has committed since.
 */
export function requireUnderWay({ runId, state, push }: PushRun, vault: Vault): void {
  const { vaultId, activeRun, lastSnapshotId } = vault;
  if (state !== 'RUNNING') {
    throw new HoldfastError('TRANSITION_FORBIDDEN', {
      what: `Run ${runId}`,
      from: state,
      to: 'RUNNING',
    });
  }
  if (activeRun !== null && activeRun.runId !== runId) {
    throw new HoldfastError('BACKUP_RUNNING', { vaultId, runId: activeRun.runId });
  }
  if (lastSnapshotId !== push.previousSnapshotId) {
    throw new HoldfastError('LEDGER_CONFLICT', { record: `vault ${vaultId}` });
  }
}

/**
 * @returns what the snapshot of a push asks of the locks of packs that it carries forward.
 * @throws HoldfastError `POLICY_UNKNOWN`.
 */
export async function carriedLockOf(ledger: Ledger, { push }: PushRun): Promise<CarriedLock> {
  const { lock } = await policyOf(ledger, push);
  return carriedLock(lock, new Date(push.retainUntil), new Date(push.createdAt));
}
