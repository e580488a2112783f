import { METRICS } from '../config/metric-names.ts';
import { carriedLock } from '../domain/lock.ts';
import type { Snapshot } from '../domain/records.ts';
import { snapshotDates } from '../domain/snapshot-dates.ts';
import { sealKey } from '../format/object-keys.ts';
import type { Services } from '../ports/services.ts';
import { requireSnapshot } from '../registry/find-snapshot.ts';
import { commitSnapshot } from './commit-snapshot.ts';
import { type RunAddress, requireRun } from './find-run.ts';
import { lockPacks } from './lock-packs.ts';
import { restingCopies } from './resting-copy.ts';
import { findSeal, readEarlierWork, settlePending } from './resume-run.ts';
import { RunLog } from './run-log.ts';
import { type Draft, snapshotOf, writeSeal } from './seal-snapshot.ts';
import { type TakenForRun, takeVault } from './take-vault.ts';
import { type Walked, writeChanges } from './write-changes.ts';

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
  const log = new RunLog(services.ledger, taken.run);
  await settlePending(services, draft, log);
  const sealed = await findSeal(services, draft, log);
  if (sealed !== undefined) {
    const packIds = new Set(sealed.seal.packs.map(({ packId }) => packId));
    const { inBoth } = await lock(services, taken, draft, packIds);
    const { counts, manifests } = sealed.seal;
    return commit(
      services,
      taken,
      snapshotOf(draft, { seal: sealed.stored, counts, manifests }, inBoth),
    );
  }
  const earlier = await readEarlierWork(services, draft, log);
  const mustStop = () => remainingMs() < HAND_BACK_MS;
  const walk = { owner: draft, log, earlier, mustStop, ...(packBytes && { packBytes }) };
  const walked = await writeChanges(services, taken, walk);
  if (!walked.isComplete) {
    reportPause(services, draft, walked);
    return null;
  }
  const { packs, inBoth } = await lock(services, taken, draft, walked.packIds);
  const { manifests } = walked;
  // The seal is announced first: a name is written once (format.md 1.2).
  const announce = log.announceSeal.bind(log);
  const written = await writeSeal(services, draft, { ...walked, packs }, announce);
  return commit(services, taken, snapshotOf(draft, { ...written, manifests }, inBoth));
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

/** Step 5. */
function lock(
  services: BackupServices,
  { policy }: TakenForRun,
  { vaultId, snapshotId, retainUntil, createdAt }: Draft,
  packIds: ReadonlySet<string>,
) {
  const carried = carriedLock(policy.lock, retainUntil, createdAt);
  return lockPacks(services, vaultId, packIds, carried, sealKey(vaultId, snapshotId));
}

/** Step 7. */
async function commit(
  services: BackupServices,
  taken: TakenForRun,
  snapshot: Snapshot,
): Promise<Snapshot> {
  const committed = await commitSnapshot(services, taken, snapshot);
  if (committed === null) {
    const { record } = await requireRun(services.ledger, snapshot);
    return requireSnapshot(services.ledger, snapshot.vaultId, record.snapshotId ?? '');
  }
  report(services, committed);
  return committed;
}

function reportPause(
  { telemetry }: BackupServices,
  { vaultId, snapshotId, runId }: Draft,
  { manifests, counts: { records, bytes } }: Walked,
): void {
  const fields = { vaultId, snapshotId, runId, records, bytes, parts: manifests.length };
  telemetry.event('backup.handed-back', fields);
}

/** Counts and durations only. */
function report({ clock, telemetry }: BackupServices, snapshot: Snapshot): void {
  const { vaultId, snapshotId, runId, createdAt, protectionState } = snapshot;
  const { skippedBy, ...counts } = snapshot.counts;
  const durationMs = clock.now().getTime() - new Date(createdAt).getTime();
  const ids = { vaultId, snapshotId, runId, protectionState };
  const reasons = Object.entries(skippedBy).map(([reason, count]) => [`${reason}Records`, count]);
  const fields = { ...ids, durationMs, ...counts, ...Object.fromEntries(reasons) };
  telemetry.event('backup.committed', fields);
  telemetry.measure(METRICS.backupSucceeded, 1);
  if (counts.skipped > 0) {
    telemetry.measure(METRICS.snapshotIncomplete, 1);
  }
}
