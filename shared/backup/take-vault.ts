import { HoldfastError } from '../domain/errors.ts';
import type { Policy } from '../domain/policy.ts';
import type { RunProgress, Snapshot, Vault } from '../domain/records.ts';
import { requireS3Source } from '../domain/vault-source.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Installation, Services } from '../ports/services.ts';
import { findSnapshot, requireSnapshot } from '../registry/find-snapshot.ts';
import { requireVault } from '../registry/find-vault.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { type RunAddress, requireRun } from './find-run.ts';
import type { LoggedRun } from './run-log.ts';
import { leaseVault } from './vault-lease.ts';

/** What a snapshot is made of, as of its beginning. */
export interface TakenVault {
  readonly vault: Vault;
  readonly policy: Policy;
  /** The snapshot it continues from. */
  readonly previous: Snapshot | null;
}

/** A vault taken for an attempt of a run. */
export interface TakenForRun extends TakenVault {
  readonly run: { readonly record: LoggedRun; readonly version: number };
}

/**
 * Takes a vault for an attempt of a run, and overtakes an earlier attempt that is still alive.
 *
 * @returns the run's snapshot instead, when the run has succeeded before.
 * @throws HoldfastError `VAULT_UNKNOWN`, `RUN_UNKNOWN`, `VAULT_NOT_ACTIVE`, `BACKUP_RUNNING`,
 * `SOURCE_IS_FOLDER`, `SOURCE_IS_COPY`, `POLICY_UNKNOWN`; `TRANSITION_FORBIDDEN` when the run has
 * failed before.
 */
export async function takeVault(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'installation'>,
  address: RunAddress,
): Promise<TakenForRun | Snapshot> {
  const { ledger, clock, installation } = services;
  const taken = await writeDecision<string | Omit<TakenForRun, 'previous'>>(services, async () => {
    const { record: run, version } = await requireRun(ledger, address);
    const stored = await requireVault(ledger, address.vaultId);
    if (run.snapshotId !== null) {
      return { changes: [], result: run.snapshotId };
    }
    if (run.state !== 'RUNNING') {
      const what = `Run ${run.runId}`;
      throw new HoldfastError('TRANSITION_FORBIDDEN', { what, from: run.state, to: 'RUNNING' });
    }
    refuseOwnCopies(stored.record, installation);
    const vault = leaseVault(stored.record, run.runId, clock.now());
    const progress = continued(run.progress, vault) ?? begun(services, vault);
    const policy = await policyOf(ledger, progress);
    const record = { ...run, progress };
    const changes = [
      { record: vault, expect: stored.version },
      { record, expect: version },
    ];
    return { changes, result: { vault, policy, run: { record, version: version + 1 } } };
  });
  if (typeof taken === 'string') {
    return requireSnapshot(ledger, address.vaultId, taken);
  }
  const { vaultId, lastSnapshotId } = taken.vault;
  return { ...taken, previous: await findSnapshot(ledger, vaultId, lastSnapshotId) };
}

/** @returns `undefined` when there is nothing to go on from. */
function continued(progress: RunProgress | undefined, vault: Vault): RunProgress | undefined {
  if (progress === undefined || progress.previousSnapshotId !== vault.lastSnapshotId) {
    return undefined;
  }
  // The attempt before may have used its number, and may still be about to.
  return { ...progress, nextPart: progress.nextPart + 1 };
}

function begun(
  { clock, ids }: Pick<Services, 'clock' | 'ids'>,
  { policyId, policyVersion, lastSnapshotId }: Vault,
): RunProgress {
  return {
    policyId,
    policyVersion,
    snapshotId: ids.next(),
    createdAt: clock.now().toISOString(),
    previousSnapshotId: lastSnapshotId,
    parts: [],
    nextPart: 0,
    pending: null,
    seal: null,
  };
}

/** Backing a copy up into itself would grow without end. */
function refuseOwnCopies(vault: Vault, { buckets }: Installation): void {
  if (Object.values(buckets).includes(requireS3Source(vault).bucket)) {
    throw new HoldfastError('SOURCE_IS_COPY', { vaultId: vault.vaultId });
  }
}
