import type { PushAnswer, PushRenewalAnswer } from '../admin-api/push-answers.ts';
import { compareWithPrevious } from '../backup/compare-with-previous.ts';
import { uploadToBoth } from '../backup/dual-upload.ts';
import type { NamedPack } from '../backup/lock-packs.ts';
import { PackSeries } from '../backup/pack-series.ts';
import { previousRecords } from '../backup/previous-records.ts';
import { readAhead } from '../backup/read-ahead.ts';
import { restingCopies } from '../backup/resting-copy.ts';
import { type Draft, writeSeal } from '../backup/seal-snapshot.ts';
import { type WrittenRecords, writeRecords } from '../backup/write-records.ts';
import { MOST_CARRIED_PACKS } from '../domain/limits.ts';
import type { Pack, SnapshotCounts, StoredObject } from '../domain/records.ts';
import type { SkipReason } from '../domain/skip-reason.ts';
import { fromInstants } from '../domain/snapshot-dates.ts';
import { ManifestWriter } from '../format/manifest-writer.ts';
import { manifestKey } from '../format/object-keys.ts';
import type { Services } from '../ports/services.ts';
import type { Source } from '../ports/source.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { countItems, type PushProgress, tellingSource } from './push-progress.ts';

/** Packs reported in one call: about 256 MiB of records. */
const PACKS_PER_CALL = 8;

/** What a pushing machine reaches the world by. It has no ledger. */
export type PushServices = Pick<Services, 'copies' | 'custody' | 'ids'>;

/** How a push reports to the admin API, and to whoever watches. */
export interface PushReports {
  readonly renew: (body: {
    written?: Pick<Pack, 'packId' | 'size' | 'sha256' | 'versions'>[];
    carried?: string[];
  }) => Promise<PushRenewalAnswer>;
  /** Called every few records, and while a large one is read. What it throws ends the push. */
  readonly onProgress: (done: PushProgress) => void;
  /** Told of every record that is left out. */
  readonly onSkipped: (path: string, reason: SkipReason) => void;
}

/** What a push has written; the snapshot is still to be committed. */
export interface WrittenPush {
  readonly seal: StoredObject;
  readonly counts: SnapshotCounts;
}

/**
 * Writes the snapshot of a push with the engine of `runBackup`: records are encrypted here, and
 * only ciphertext leaves this machine. Its course:
 *
 * 1. list the source beside the previous manifest; unchanged records are carried forward unread
 * 2. read what changed, and write it in packs to both copies; each few of them are reported
 * 3. write the manifest
 * 4. have the admin API lock the packs that are carried forward
 * 5. write the seal
 *
 * @param plan - as the admin API answered `beginPush`.
 * @throws HoldfastError what source, copies and keys throw, and whatever `reports` throw. Nothing
 * of it can be seen then.
 */
export async function writePush(
  { copies, ...rest }: PushServices,
  plan: PushAnswer,
  source: Source,
  reports: PushReports,
): Promise<WrittenPush> {
  const services = { ...rest, copies: restingCopies(copies) };
  const reporter = new PackReporter(reports);
  const { vaultId, snapshotId, runId, keys } = plan;
  const draft: Draft = { vaultId, snapshotId, runId, keys, ...fromInstants(plan) };
  const written = await writeChanges(services, draft, plan, source, reporter, reports);
  await reporter.flush();
  const packs = await reporter.seal(new Set(written.liveBytes.keys()));
  return writeSeal(services, draft, { ...written, packs });
}

/** Steps 1 to 3. */
async function writeChanges(
  services: PushServices,
  draft: Draft,
  { previous, repack: packs }: Pick<PushAnswer, 'previous' | 'repack'>,
  source: Source,
  reporter: PackReporter,
  { onProgress, onSkipped }: PushReports,
): Promise<WrittenRecords> {
  const { vaultId, snapshotId, keys, lockedUntil } = draft;
  const progress = { records: 0, bytes: 0, readRecords: 0, readBytes: 0, partBytes: 0 };
  const told = tellingSource(source, progress, onProgress, onSkipped);
  const access = { services, keys, choice: new CopyChoice('any') };
  const before = previousRecords(access, previous, null);
  const repack = new Set(packs);
  const items = readAhead(told, vaultId, compareWithPrevious(told.list(), before, repack));
  const write = { lockedUntil, contentType: 'application/octet-stream' };
  const identity = { vaultId, snapshotId, object: 'manifest/0' } as const;
  const manifest = new ManifestWriter(services.custody.wrapping(keys), identity, (message) =>
    uploadToBoth(services.copies, manifestKey(vaultId, snapshotId, 0), write, message),
  );
  const series = new PackSeries(services, draft, (pack) => reporter.add(pack));
  return writeRecords(told, vaultId, countItems(items, progress, onProgress), series, manifest);
}

/** Tells the admin API of packs, a few at a time. */
class PackReporter {
  readonly #reports: PushReports;
  readonly #written = new Map<string, NamedPack>();
  #waiting: Pack[] = [];

  constructor(reports: PushReports) {
    this.#reports = reports;
  }

  async add(pack: Pack): Promise<void> {
    const { packId, snapshotId, size, sha256, versions } = pack;
    this.#written.set(packId, { packId, snapshotId, size, sha256, versions });
    this.#waiting.push(pack);
    if (this.#waiting.length === PACKS_PER_CALL) {
      await this.flush();
    }
  }

  async flush(): Promise<void> {
    const written = this.#waiting.map(({ packId, size, sha256, versions }) => ({
      ...{ packId, size, sha256, versions },
    }));
    this.#waiting = [];
    if (written.length > 0) {
      await this.#reports.renew({ written });
    }
  }

  /**
   * Has earlier packs locked as long as the snapshot (format.md 5.4: the seal comes after).
   * @param needed - ids of all packs the manifest names.
   * @returns them as the seal lists them, ascending by id (format.md 5.2).
   */
  async seal(needed: ReadonlySet<string>): Promise<NamedPack[]> {
    const own = [...this.#written.values()].filter(({ packId }) => needed.has(packId));
    const ids = [...needed].filter((packId) => !this.#written.has(packId)).sort();
    const packs = [...own];
    for (let start = 0; start < ids.length; start += MOST_CARRIED_PACKS) {
      const carried = ids.slice(start, start + MOST_CARRIED_PACKS);
      packs.push(...(await this.#reports.renew({ carried })).carried);
    }
    return packs.sort((left, right) => (left.packId < right.packId ? -1 : 1));
  }
}
