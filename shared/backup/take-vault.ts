import { HoldfastError, isFault } from '../domain/errors.ts';
import { findPolicy, type Policy } from '../domain/policy.ts';
import type { RunProgress, Snapshot, Vault } from '../domain/records.ts';
import { requireS3Source } from '../domain/vault-source.ts';
import type { Installation, Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { type RunAddress, requireRun } from './find-run.ts';
import type { LoggedRun } from './run-log.ts';
import { leaseVault } from './vault-lease.ts';

/** How often the vault is looked at anew when someone else changed it in between. */
const MAX_TRIES = 5;

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
  for (let tries = 1; ; tries += 1) {
    const { record: run, version } = await requireRun(ledger, address);
    const stored = await requireVault(ledger, address.vaultId);
    if (run.snapshotId !== null) {
      return requireSnapshot(services, address.vaultId, run.snapshotId);
    }
    if (run.state !== 'RUNNING') {
      const what = `Run ${run.runId}`;
      throw new HoldfastError('TRANSITION_FORBIDDEN', { what, from: run.state, to: 'RUNNING' });
    }
    refuseOwnCopies(stored.record, installation);
    const policy = requirePolicy(stored.record);
    const vault = leaseVault(stored.record, run.runId, clock.now());
    const progress = continued(run.progress, vault) ?? begun(services, vault);
    const record = { ...run, progress };
    try {
      await ledger.write([
        { record: vault, expect: stored.version },
        { record, expect: version },
      ]);
    } catch (error) {
      if (tries < MAX_TRIES && isFault(error, 'LEDGER_CONFLICT')) {
        continue;
      }
      throw error;
    }
    const { vaultId, lastSnapshotId } = vault;
    const previous =
      lastSnapshotId === null ? null : await requireSnapshot(services, vaultId, lastSnapshotId);
    return { vault, policy, previous, run: { record, version: version + 1 } };
  }
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
  { lastSnapshotId }: Vault,
): RunProgress {
  return {
    snapshotId: ids.next(),
    createdAt: clock.now().toISOString(),
    previousSnapshotId: lastSnapshotId,
    parts: [],
    nextPart: 0,
    pending: null,
    seal: null,
  };
}

/** @throws HoldfastError `SNAPSHOT_UNKNOWN`. */
export async function requireSnapshot(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  snapshotId: string,
): Promise<Snapshot> {
  const found = await ledger.get('snapshot', vaultId, snapshotId);
  if (found === undefined) {
    throw new HoldfastError('SNAPSHOT_UNKNOWN', { vaultId, snapshotId });
  }
  return found.record;
}

/** Backing a copy up into itself would grow without end. */
function refuseOwnCopies(vault: Vault, { buckets }: Installation): void {
  if (Object.values(buckets).includes(requireS3Source(vault).bucket)) {
    throw new HoldfastError('SOURCE_IS_COPY', { vaultId: vault.vaultId });
  }
}

/** @throws HoldfastError `POLICY_UNKNOWN`. */
export function requirePolicy({ policyId }: Vault): Policy {
  const policy = findPolicy(policyId);
  if (policy === undefined) {
    throw new HoldfastError('POLICY_UNKNOWN', {});
  }
  return policy;
}
