import type { Snapshot } from '../domain/records.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import type { RunAddress } from './find-run.ts';
import { planShards } from './plan-shards.ts';
import { restingCopies } from './resting-copy.ts';
import { draftOf } from './run-draft.ts';
import { RunLog } from './run-log.ts';
import { runShardTurn } from './run-shard.ts';
import { sealRun } from './seal-run.ts';
import type { Draft } from './seal-snapshot.ts';
import { rangeOf } from './shard-range.ts';
import { retakeShard } from './take-shard.ts';
import { type TakenForRun, takeVault } from './take-vault.ts';
import { type TurnLimits, type TurnOptions, turnLimits } from './turn-options.ts';
import { workOnShard } from './work-on-shard.ts';

type BackupServices = Pick<
  Services,
  'clock' | 'copies' | 'custody' | 'ids' | 'installation' | 'ledger' | 'openSource' | 'telemetry'
>;

/** How a turn has ended. */
export interface BackupTurn {
  /** The run's snapshot; `null` when there is more to do. */
  readonly snapshot: Snapshot | null;
  /** Shards that are to be worked on, all at once if you like, before the next turn. */
  readonly shards: readonly number[];
}

/**
 * Backs a vault up from its beginning to its end, one shard after the other.
 * @throws HoldfastError as `runBackupTurn` and `runShardTurn` do.
 */
export async function runBackup(
  services: BackupServices,
  address: RunAddress,
  options: TurnOptions = {},
): Promise<Snapshot> {
  for (;;) {
    const { snapshot, shards } = await runBackupTurn(services, address, options);
    if (snapshot !== null) {
      return snapshot;
    }
    for (const shard of shards) {
      while (!(await runShardTurn(services, { ...address, shard }, options))) {}
    }
  }
}

/**
 * Plans, and does what one function can do alone, as far as the time allows. Its course:
 *
 * 1. take the vault, so that no other run works on it
 * 2. begin with all paths as one shard, and work on it (see `workOnShard`)
 * 3. a shard that was stopped before the end of the source is done as far as it came: cut the rest
 *    into shards; when it is one only, go on with it; hand back several
 * 4. when all shards are done, seal and commit (see `sealRun`)
 *
 * So a small vault is backed up in one turn. A copy that does not answer is left out; the snapshot
 * is `single-copy` then and waits for its repair. Whatever ends a turn, nothing of the snapshot can
 * be seen before its commit, and another attempt of the same run goes on where this one was.
 *
 * @returns the snapshot, that of the earlier attempt when this run has succeeded before; or what is
 * to be done before it is called again.
 * @throws HoldfastError as `takeVault` and `commitSnapshot` do, and whatever source, copies, keys
 * and ledger throw; `LEDGER_CONFLICT` when another attempt of the run has overtaken this one.
 */
export async function runBackupTurn(
  all: BackupServices,
  address: RunAddress,
  options: TurnOptions = {},
): Promise<BackupTurn> {
  const services = { ...all, copies: restingCopies(all.copies) };
  const taken = await takeVault(services, address);
  if ('kind' in taken) {
    return { snapshot: taken, shards: [] };
  }
  const draft = draftOf(taken.vault, taken.policy, taken.previous, taken.run.record);
  const limits = turnLimits(options);
  let shards = await shardsOf(services, taken, draft);
  // Every turn takes a step, also one that is late from its start.
  do {
    const open = shards.filter(({ record }) => !record.isDone);
    const [next] = open;
    if (open.length > 1) {
      return { snapshot: null, shards: open.map(({ record }) => record.shard) };
    }
    if (next !== undefined) {
      const isNew = next.record === taken.firstShard?.record;
      const held = isNew ? next : await retakeShard(services, next);
      const done = await workOnShard(services, taken, draft, held, limits);
      shards = shards.map((shard) => (shard === next ? done : shard));
    } else if (shards.every(({ record }) => !record.reachesEnd)) {
      shards = [...shards, ...(await planRest(services, taken, draft, shards, limits))];
    } else {
      const log = new RunLog(services.ledger, taken.run);
      return { snapshot: await sealRun(services, taken, draft, log), shards: [] };
    }
  } while (!limits.isLate());
  const { vaultId, snapshotId, runId } = draft;
  services.telemetry.event('backup.handed-back', { vaultId, snapshotId, runId });
  return { snapshot: null, shards: [] };
}

/** @returns all shards of the run, in the order of their ranges. */
async function shardsOf(
  { ledger }: BackupServices,
  { firstShard }: TakenForRun,
  { vaultId, snapshotId }: Draft,
): Promise<readonly Stored<'shard'>[]> {
  return firstShard === null
    ? Array.fromAsync(ledger.list('shard', { vaultId, snapshotId }))
    : [firstShard];
}

/** Step 3. A run has at least its first shard. */
async function planRest(
  services: BackupServices,
  taken: TakenForRun,
  draft: Draft,
  shards: readonly Stored<'shard'>[],
  { shards: limits }: TurnLimits,
): Promise<readonly Stored<'shard'>[]> {
  const { record: last } = shards.at(-1) as Stored<'shard'>;
  const { upTo: after } = await rangeOf(services, draft, last);
  const first = last.shard + 1;
  const planned = await planShards(services, taken, draft, { after, first, limits });
  const { vaultId, snapshotId, runId } = draft;
  const fields = { vaultId, snapshotId, runId, shards: planned.length };
  services.telemetry.event('backup.planned', fields);
  return planned;
}
