import { HoldfastError } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import type { BackupShard, RunProgress } from '../domain/run-records.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Change, Ledger, Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { findSnapshot } from '../registry/find-snapshot.ts';
import { requireVault } from '../registry/find-vault.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { type RunAddress, requireRun } from './find-run.ts';
import { draftOf } from './run-draft.ts';
import type { Draft } from './seal-snapshot.ts';
import type { TakenVault } from './take-vault.ts';
import { prolongLease } from './vault-lease.ts';

/** One shard of a run. */
export interface ShardAddress extends RunAddress {
  readonly shard: number;
}

/** A shard taken for an attempt. */
export interface TakenShard {
  readonly taken: TakenVault;
  readonly draft: Draft;
  readonly stored: Stored<'shard'>;
}

/**
 * Takes a shard for an attempt of its own, and overtakes an earlier attempt that is still alive.
 * The run keeps its vault as long as its shards are worked on.
 *
 * @returns `null` when there is nothing left to do: the shard is done, or the run has succeeded.
 * @throws HoldfastError `VAULT_UNKNOWN`, `RUN_UNKNOWN`, `VAULT_NOT_ACTIVE`, `POLICY_UNKNOWN`;
 * `TRANSITION_FORBIDDEN` when the run has failed, `BACKUP_RUNNING` when another one has taken the
 * vault over; `LEDGER_CONFLICT`, also when the run has begun anew since.
 */
export async function takeShard(
  services: Pick<Services, 'ledger' | 'clock'>,
  address: ShardAddress,
): Promise<TakenShard | null> {
  const { ledger, clock } = services;
  return writeDecision<TakenShard | null>(services, async () => {
    const { record: run } = await requireRun(ledger, address);
    if (run.state === 'FAILED') {
      const what = `Run ${run.runId}`;
      throw new HoldfastError('TRANSITION_FORBIDDEN', { what, from: run.state, to: 'RUNNING' });
    }
    const { progress } = run;
    if (progress === undefined) {
      return { changes: [], result: null };
    }
    const { record: vault, version } = await requireVault(ledger, address.vaultId);
    const prolonged = prolongLease(vault, run.runId, clock.now());
    const found = await requireShard(ledger, vault, progress, address.shard);
    if (found.record.isDone) {
      return { changes: [], result: null };
    }
    const policy = await policyOf(ledger, progress);
    const previous = await findSnapshot(ledger, vault.vaultId, progress.previousSnapshotId);
    const draft = draftOf(vault, policy, previous, { ...run, progress });
    const { change, stored } = overtaking(found);
    const changes: Change[] = [
      change,
      ...(prolonged === null ? [] : [{ record: prolonged, expect: version }]),
    ];
    return { changes, result: { taken: { vault, policy, previous }, draft, stored } };
  });
}

/** Takes a shard for the attempt that has the vault. @throws HoldfastError `LEDGER_CONFLICT` */
export async function retakeShard(
  { ledger }: Pick<Services, 'ledger'>,
  found: Stored<'shard'>,
): Promise<Stored<'shard'>> {
  const { change, stored } = overtaking(found);
  await ledger.write([change]);
  return stored;
}

/** The attempt before may have used its number, and may still be about to. */
function overtaking({ record, version }: Stored<'shard'>): {
  readonly change: Change;
  readonly stored: Stored<'shard'>;
} {
  const taken: BackupShard = { ...record, nextPart: record.nextPart + 1 };
  return {
    change: { record: taken, expect: version },
    stored: { record: taken, version: version + 1 },
  };
}

/** A run that has begun anew since has other shards. */
async function requireShard(
  ledger: Ledger,
  { vaultId, lastSnapshotId }: Vault,
  { snapshotId, previousSnapshotId }: RunProgress,
  shard: number,
): Promise<Stored<'shard'>> {
  const found = await ledger.get('shard', vaultId, snapshotId, shard);
  if (found === undefined || previousSnapshotId !== lastSnapshotId) {
    throw new HoldfastError('LEDGER_CONFLICT', { record: `shard ${shard} of ${snapshotId}` });
  }
  return found;
}
