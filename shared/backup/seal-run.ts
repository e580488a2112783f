import { METRICS } from '../config/metric-names.ts';
import { carriedLock } from '../domain/lock.ts';
import type { Snapshot, StoredObject } from '../domain/records.ts';
import { sealKey } from '../format/object-keys.ts';
import type { Services } from '../ports/services.ts';
import { requireSnapshot } from '../registry/find-snapshot.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import { writtenParts } from '../snapshot/written-parts.ts';
import { commitSnapshot } from './commit-snapshot.ts';
import { requireRun } from './find-run.ts';
import { lockPacks } from './lock-packs.ts';
import { RecordTally } from './record-tally.ts';
import { recoverObject } from './recover-object.ts';
import type { RunLog } from './run-log.ts';
import { type Draft, type SnapshotContent, snapshotOf, writeSeal } from './seal-snapshot.ts';
import type { TakenVault } from './take-vault.ts';

type SealingServices = Pick<Services, 'clock' | 'copies' | 'ledger' | 'telemetry'>;

/**
 * Makes a snapshot of all that the shards of a run have written. Its course:
 *
 * 1. add up what the ledger knows of its manifest parts; none is read
 * 2. extend the locks of packs that are carried forward
 * 3. write the seal to both copies
 * 4. commit: one ledger transaction makes the snapshot visible
 *
 * A seal that an earlier attempt has written is taken as it is.
 *
 * @throws HoldfastError as `lockPacks` and `commitSnapshot` do, and what copies and ledger throw.
 */
export async function sealRun(
  services: SealingServices,
  taken: TakenVault,
  draft: Draft,
  log: RunLog,
): Promise<Snapshot> {
  const sealed = await findSeal(services, draft, log);
  const content = sealed?.content ?? (await gather(services, draft));
  const { vaultId, snapshotId, retainUntil, createdAt } = draft;
  const carried = carriedLock(taken.policy.lock, retainUntil, createdAt);
  const key = sealKey(vaultId, snapshotId);
  const packIds = new Set(content.liveBytes.keys());
  const { packs, inBoth } = await lockPacks(services, vaultId, packIds, carried, key);
  // The seal is announced first: a name is written once (format.md 1.2).
  const written =
    sealed?.written ??
    (await writeSeal(services, draft, { ...content, packs }, log.announceSeal.bind(log)));
  const snapshot = snapshotOf(draft, { ...written, manifests: content.manifests }, inBoth);
  return commit(services, taken, snapshot);
}

/** What a seal is to name. */
type Gathered = Omit<SnapshotContent, 'packs'>;

/** Step 1. */
async function gather(
  services: Pick<Services, 'ledger'>,
  draft: Pick<Draft, 'vaultId' | 'snapshotId'>,
): Promise<Gathered> {
  const manifests = await writtenParts(services, draft);
  const tally = new RecordTally();
  for (const { content } of manifests) {
    if (content !== null) {
      tally.addContent(content);
    }
  }
  return { manifests, counts: tally.counts, liveBytes: tally.liveBytes };
}

interface EarlierSeal {
  readonly content: Gathered;
  readonly written: Pick<Snapshot, 'seal' | 'counts'>;
}

/** @returns the seal of an attempt that was cut off between its seal and its commit. */
async function findSeal(
  services: Pick<Services, 'copies'>,
  { vaultId, snapshotId, lockedUntil }: Draft,
  log: RunLog,
): Promise<EarlierSeal | undefined> {
  const announced = log.progress.seal;
  const write = { lockedUntil, contentType: 'application/json' };
  const stored: StoredObject | undefined =
    announced === null ? undefined : await recoverObject(services, announced, write);
  if (stored === undefined) {
    return undefined;
  }
  const location = { vaultId, snapshotId, seal: stored };
  const { counts, manifests, packs } = await readSeal(
    { services, choice: new CopyChoice('any') },
    location,
  );
  const liveBytes = new Map(packs.map((pack) => [pack.packId, pack.liveBytes]));
  return { content: { counts, manifests, liveBytes }, written: { seal: stored, counts } };
}

/** Step 4. */
async function commit(
  services: SealingServices,
  taken: TakenVault,
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

/** Counts and durations only. */
function report({ clock, telemetry }: SealingServices, snapshot: Snapshot): void {
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
