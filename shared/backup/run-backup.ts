import { ALL_PATHS } from '../domain/path-range.ts';
import type { Snapshot } from '../domain/records.ts';
import { snapshotDates } from '../domain/snapshot-dates.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import type { RunAddress } from './find-run.ts';
import { restingCopies } from './resting-copy.ts';
import { findEarlierWork, settlePending } from './resume-shard.ts';
import { RunLog } from './run-log.ts';
import { sealRun } from './seal-run.ts';
import type { Draft } from './seal-snapshot.ts';
import { ShardLog } from './shard-log.ts';
import { takeShard } from './take-shard.ts';
import { type TakenForRun, type TakenVault, takeVault } from './take-vault.ts';
import { walkShard } from './walk-shard.ts';

type BackupServices = Pick<
  Services,
  'clock' | 'copies' | 'custody' | 'ids' | 'installation' | 'ledger' | 'openSource' | 'telemetry'
>;

/**
 * A function hands back when it has less time left than this: enough to close a pack and a manifest
 * part in both copies while they are slow, or to lock, seal and commit.
 */
const HAND_BACK_MS = 120_000;

export interface TurnOptions {
  /** Milliseconds that the caller still has. @default there is no end */
  readonly remainingMs?: () => number;
  /** Plaintext bytes after which a pack is closed. @default 32 MiB */
  readonly packBytes?: number;
}

/** Backs a vault up in one turn without an end. @throws HoldfastError as `runBackupTurn` does. */
export async function runBackup(services: BackupServices, address: RunAddress): Promise<Snapshot> {
  const snapshot = await runBackupTurn(services, address);
  if (snapshot === null) {
    throw new Error('A turn without an end was handed back.');
  }
  return snapshot;
}

/**
 * Backs a vault up as far as the time allows. Its course:
 *
 * 1. take the vault, so that no other run works on it; settle what an earlier attempt left open
 * 2. list the source beside the previous manifest, from behind what earlier attempts have done;
 *    unchanged records are carried forward unread
 * 3. read what changed, and write it in packs to both copies, locked from birth; with each pack
 *    goes a part of the manifest, so that the next attempt repeats nothing
 * 4. when the time is nearly up, hand back
 * 5. extend the locks of packs that are carried forward
 * 6. write the seal to both copies
 * 7. commit: one ledger transaction makes the snapshot visible
 *
 * A copy that does not answer is left out; the snapshot is `single-copy` then and waits for its
 * repair. Whatever ends it before step 7, nothing of the snapshot can be seen, and another attempt
 * of the same run goes on where this one was.
 *
 * @returns the snapshot, that of the earlier attempt when this run has succeeded before; `null`
 * when it was handed back and is to be called again.
 * @throws HoldfastError as `takeVault` and `commitSnapshot` do, and whatever source, copies, keys
 * and ledger throw; `LEDGER_CONFLICT` when another attempt of the run has overtaken this one.
 */
export async function runBackupTurn(
  all: BackupServices,
  address: RunAddress,
  { remainingMs = () => Number.POSITIVE_INFINITY, packBytes }: TurnOptions = {},
): Promise<Snapshot | null> {
  const services = { ...all, copies: restingCopies(all.copies) };
  const taken = await takeVault(services, address);
  if ('kind' in taken) {
    return taken;
  }
  const draft = draftOf(taken);
  const mustStop = () => remainingMs() < HAND_BACK_MS;
  const shard = taken.firstShard ?? (await takeShard(services, { ...draft, shard: 0 }));
  if (!shard.record.isDone) {
    const isDone = await walk(services, taken, draft, shard, mustStop, packBytes);
    if (!isDone || mustStop()) {
      services.telemetry.event('backup.handed-back', idsOf(draft));
      return null;
    }
  }
  return sealRun(services, taken, draft, new RunLog(services.ledger, taken.run));
}

/** Steps 2 to 4. @returns whether the shard is done. */
async function walk(
  services: BackupServices,
  taken: TakenVault,
  owner: Draft,
  shard: Stored<'shard'>,
  mustStop: () => boolean,
  packBytes: number | undefined,
): Promise<boolean> {
  const log = new ShardLog(services.ledger, shard);
  await settlePending(services, owner, log);
  const earlier = await findEarlierWork(services, owner, log);
  const options = { owner, log, range: ALL_PATHS, earlier, mustStop };
  const { isCut } = await walkShard(services, taken, {
    ...options,
    ...(packBytes !== undefined && { packBytes }),
  });
  if (!isCut) {
    await log.finish();
  }
  return !isCut;
}

function idsOf({ vaultId, snapshotId, runId }: Draft): Record<string, string> {
  return { vaultId, snapshotId, runId };
}

/** All attempts of a run work on one snapshot, with the dates of its beginning. */
function draftOf({ vault, policy, previous, run: { record } }: TakenForRun): Draft {
  const { snapshotId, createdAt: begun } = record.progress;
  return {
    vaultId: vault.vaultId,
    snapshotId,
    runId: record.runId,
    keys: vault.keys,
    ...snapshotDates(policy, new Date(begun), previous),
  };
}
