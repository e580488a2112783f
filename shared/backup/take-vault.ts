import { HoldfastError } from '../domain/errors.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import type { RunProgress } from '../domain/run-records.ts';
import { requireS3Source } from '../domain/vault-source.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Change, Stored } from '../ports/ledger.ts';
import type { Installation, Services } from '../ports/services.ts';
import { findSnapshot, requireSnapshot } from '../registry/find-snapshot.ts';
import { requireVault } from '../registry/find-vault.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { refuseErased } from '../tombstone/find-tombstone.ts';
import { endOvertaken } from './end-overtaken.ts';
import { type RunAddress, requireRun } from './find-run.ts';
import { findUnfinished } from './find-unfinished.ts';
import { newShard } from './new-shard.ts';
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
  /** The first shard of a run that begins now; `null` when there is something to go on with. */
  readonly firstShard: Stored<'shard'> | null;
}

/**
 * Takes a vault for an attempt of a run, and overtakes an earlier attempt that is still alive.
 * Another run whose lease is over gives way, and is recorded as failed. The first attempt of a run
 * takes over what the run before it has left, if that gave up.
 *
 * @returns the run's snapshot instead, when the run has succeeded before.
 * @throws HoldfastError `VAULT_UNKNOWN`, `RUN_UNKNOWN`, `VAULT_NOT_ACTIVE`, `BACKUP_RUNNING`,
 * `SOURCE_IS_FOLDER`, `SOURCE_IS_COPY`, `POLICY_UNKNOWN`; `TRANSITION_FORBIDDEN` when the run has
 * failed before; `VAULT_UNREADABLE` when the vault has a tombstone.
 */
export async function takeVault(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'copies' | 'installation'>,
  address: RunAddress,
): Promise<TakenForRun | Snapshot> {
  const { ledger, clock, installation } = services;
  await refuseErased(services, address.vaultId);
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
    const leased = leaseVault(stored.record, run.runId, clock.now());
    const { progress, firstShard, also } =
      continued(run.progress, leased) ??
      (await takenOver(services, leased)) ??
      begun(services, leased);
    const { unfinishedRunId: _, ...vault } = leased;
    const record = { ...run, progress };
    const policy = await policyOf(ledger, progress);
    const changes = [
      { record: vault, expect: stored.version },
      { record, expect: version },
      ...(await endOvertaken(ledger, stored.record, run.runId)),
      ...also,
    ];
    const taken = { vault, policy, run: { record, version: version + 1 }, firstShard };
    return { changes, result: taken };
  });
  if (typeof taken === 'string') {
    return requireSnapshot(ledger, address.vaultId, taken);
  }
  const { vaultId, lastSnapshotId } = taken.vault;
  return { ...taken, previous: await findSnapshot(ledger, vaultId, lastSnapshotId) };
}

/** With what an attempt works, and what is to be written for that beside vault and run. */
interface Start extends Pick<TakenForRun, 'firstShard'> {
  readonly progress: RunProgress;
  readonly also: readonly Change[];
}

/** What was begun on top of another snapshot is of no use. */
function continued(progress: RunProgress | undefined, vault: Vault): Start | undefined {
  return progress?.previousSnapshotId === vault.lastSnapshotId
    ? { progress, firstShard: null, also: [] }
    : undefined;
}

/** The shards of a run that gave up are done as far as they are. It has none any more. */
async function takenOver(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  vault: Vault,
): Promise<Start | undefined> {
  const unfinished = await findUnfinished(ledger, vault, clock.now());
  if (unfinished === undefined) {
    return undefined;
  }
  const { progress, ...record } = unfinished.record;
  return { progress, firstShard: null, also: [{ record, expect: unfinished.version }] };
}

function begun(
  { clock, ids }: Pick<Services, 'clock' | 'ids'>,
  { vaultId, policyId, policyVersion, lastSnapshotId: previousSnapshotId }: Vault,
): Start {
  const snapshotId = ids.next();
  const createdAt = clock.now().toISOString();
  const pin = { policyId, policyVersion };
  const progress = { ...pin, snapshotId, createdAt, previousSnapshotId, seal: null };
  const shard = newShard({ vaultId, snapshotId }, 0, { range: null, reachesEnd: true });
  const also = [{ record: shard, expect: 'absent' as const }];
  return { progress, firstShard: { record: shard, version: 1 }, also };
}

/** Backing a copy up into itself would grow without end. */
function refuseOwnCopies(vault: Vault, { buckets }: Installation): void {
  if (Object.values(buckets).includes(requireS3Source(vault).bucket)) {
    throw new HoldfastError('SOURCE_IS_COPY', { vaultId: vault.vaultId });
  }
}
