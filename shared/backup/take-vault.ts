import { HoldfastError, isFault } from '../domain/errors.ts';
import { findPolicy, type Policy } from '../domain/policy.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import type { Installation, Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { type RunAddress, requireRun } from './find-run.ts';
import { leaseVault } from './vault-lease.ts';

/** How often the vault is looked at anew when someone else changed it in between. */
const MAX_TRIES = 5;

/** What a run works with, as of its start. */
export interface TakenVault {
  readonly vault: Vault;
  readonly policy: Policy;
  /** The snapshot it continues from. */
  readonly previous: Snapshot | null;
}

/**
 * Takes a vault for a run.
 *
 * @returns the run's snapshot instead, when the run has succeeded before.
 * @throws HoldfastError `VAULT_UNKNOWN`, `RUN_UNKNOWN`, `VAULT_NOT_ACTIVE`, `BACKUP_RUNNING`,
 * `SOURCE_IS_COPY`, `POLICY_UNKNOWN`; `TRANSITION_FORBIDDEN` when the run has failed before.
 */
export async function takeVault(
  services: Pick<Services, 'ledger' | 'clock' | 'installation'>,
  address: RunAddress,
): Promise<TakenVault | Snapshot> {
  const { ledger, clock, installation } = services;
  for (let tries = 1; ; tries += 1) {
    const { record: run } = await requireRun(ledger, address);
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
    try {
      await ledger.write([{ record: vault, expect: stored.version }]);
    } catch (error) {
      if (tries < MAX_TRIES && isFault(error, 'LEDGER_CONFLICT')) {
        continue;
      }
      throw error;
    }
    const { vaultId, lastSnapshotId } = vault;
    const previous =
      lastSnapshotId === null ? null : await requireSnapshot(services, vaultId, lastSnapshotId);
    return { vault, policy, previous };
  }
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
  if (Object.values(buckets).includes(vault.source.bucket)) {
    throw new HoldfastError('SOURCE_IS_COPY', { vaultId: vault.vaultId });
  }
}

function requirePolicy({ policyId }: Vault): Policy {
  const policy = findPolicy(policyId);
  if (policy === undefined) {
    throw new HoldfastError('POLICY_UNKNOWN', {});
  }
  return policy;
}
