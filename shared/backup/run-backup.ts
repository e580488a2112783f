import { METRICS } from '../config/metric-names.ts';
import { daysAfter, lockEnd } from '../domain/lock.ts';
import type { Snapshot, StoredObject } from '../domain/records.ts';
import { ManifestWriter } from '../format/manifest-writer.ts';
import { manifestKey, sealKey } from '../format/object-keys.ts';
import { type SealedPack, sealBytes } from '../format/seal.ts';
import type { Services } from '../ports/services.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readRecords } from '../snapshot/read-records.ts';
import { commitSnapshot } from './commit-snapshot.ts';
import { compareWithPrevious } from './compare-with-previous.ts';
import { putInBoth, uploadToBoth } from './dual-upload.ts';
import { type RunAddress, requireRun } from './find-run.ts';
import { lockPacks } from './lock-packs.ts';
import { type PackOwner, PackSeries } from './pack-series.ts';
import { readAhead } from './read-ahead.ts';
import { requireSnapshot, type TakenVault, takeVault } from './take-vault.ts';
import { type WrittenRecords, writeRecords } from './write-records.ts';

type BackupServices = Pick<
  Services,
  'clock' | 'copies' | 'custody' | 'ids' | 'installation' | 'ledger' | 'openSource' | 'telemetry'
>;

/** A snapshot on its way: when it was begun, and until when it is kept and locked. */
interface Draft extends PackOwner {
  readonly createdAt: Date;
  readonly retainUntil: Date;
}

/**
 * Backs a vault up, once. Its course:
 *
 * 1. take the vault, so that no other run works on it
 * 2. list the source beside the previous manifest; unchanged records are carried forward unread
 * 3. read what changed, and write it in packs to both copies, locked from birth
 * 4. write the manifest to both copies
 * 5. extend the locks of packs that are carried forward
 * 6. write the seal to both copies
 * 7. commit: one ledger transaction makes the snapshot visible
 *
 * Whatever ends it before step 7, nothing of the snapshot can be seen; the next run begins anew.
 *
 * @returns the snapshot; that of the earlier attempt when this run has succeeded before.
 * @throws HoldfastError as `takeVault` and `commitSnapshot` do, and whatever source, copies, keys
 * and ledger throw.
 */
export async function runBackup(services: BackupServices, address: RunAddress): Promise<Snapshot> {
  const taken = await takeVault(services, address);
  if ('kind' in taken) {
    return taken;
  }
  const draft = beginDraft(services, taken);
  const written = await writeChanges(services, taken, draft);
  const { vaultId, snapshotId, lockedUntil } = draft;
  const packs = await lockPacks(
    services,
    vaultId,
    written.packIds,
    lockedUntil,
    manifestKey(vaultId, snapshotId),
  );
  const snapshot = await sealSnapshot(services, draft, address.runId, written, packs);
  const committed = await commitSnapshot(services, taken, snapshot);
  if (committed === null) {
    const { record } = await requireRun(services.ledger, address);
    return requireSnapshot(services, vaultId, record.snapshotId ?? '');
  }
  report(services, committed);
  return committed;
}

/** Every attempt takes a new snapshot id: no name is written twice (format.md 1.2). */
function beginDraft(services: BackupServices, { vault, policy }: TakenVault): Draft {
  const createdAt = services.clock.now();
  const retainUntil = daysAfter(createdAt, policy.snapshots.keepDays);
  return {
    vaultId: vault.vaultId,
    snapshotId: services.ids.next(),
    keys: vault.keys,
    createdAt,
    retainUntil,
    lockedUntil: lockEnd(retainUntil, policy.lock.gridDays),
  };
}

/** Steps 2 to 4. */
async function writeChanges(
  services: BackupServices,
  { vault, previous }: TakenVault,
  draft: Draft,
): Promise<WrittenRecords> {
  const { vaultId, snapshotId, keys, lockedUntil } = draft;
  const access = { services, keys, choice: new CopyChoice('any') };
  const source = services.openSource(vault);
  const before = previous === null ? none() : readRecords(access, previous);
  const items = readAhead(source, vaultId, compareWithPrevious(source.list(), before));
  const identity = { vaultId, snapshotId, object: 'manifest/0' } as const;
  const write = { lockedUntil, contentType: 'application/octet-stream' };
  const manifest = new ManifestWriter(services.custody.wrapping(keys), identity, (message) =>
    uploadToBoth(services.copies, manifestKey(vaultId, snapshotId), write, message),
  );
  return writeRecords(source, vaultId, items, new PackSeries(services, draft), manifest);
}

async function* none(): AsyncGenerator<never> {}

/** Step 6. The seal is written last: where there is one, all it names is there (format.md 5.4). */
async function sealSnapshot(
  services: BackupServices,
  draft: Draft,
  runId: string,
  { manifest, counts: writtenCounts }: WrittenRecords,
  packs: readonly SealedPack[],
): Promise<Snapshot> {
  const { vaultId, snapshotId, lockedUntil } = draft;
  const dates = {
    createdAt: draft.createdAt.toISOString(),
    retainUntil: draft.retainUntil.toISOString(),
    lockedUntil: lockedUntil.toISOString(),
  };
  const packBytes = packs.reduce((sum, pack) => sum + pack.size, 0);
  const counts = { ...writtenCounts, packs: packs.length, packBytes };
  const bytes = sealBytes({ format: 1, vaultId, snapshotId, ...dates, counts, manifest, packs });
  const write = { lockedUntil, contentType: 'application/json' };
  const seal: StoredObject = await putInBoth(
    services.copies,
    sealKey(vaultId, snapshotId),
    write,
    bytes,
  );
  return { kind: 'snapshot', vaultId, snapshotId, runId, ...dates, manifest, seal, counts };
}

/** Counts and durations only. */
function report({ clock, telemetry }: BackupServices, snapshot: Snapshot): void {
  const { vaultId, snapshotId, runId, createdAt, counts } = snapshot;
  const durationMs = clock.now().getTime() - new Date(createdAt).getTime();
  telemetry.event('backup.committed', { vaultId, snapshotId, runId, durationMs, ...counts });
  telemetry.measure(METRICS.backupSucceeded, 1);
}
