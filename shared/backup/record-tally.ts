import type { SnapshotCounts } from '../domain/records.ts';
import { type SkipCounts, withSkip } from '../domain/skip-reason.ts';
import { isRecord, type ManifestLine } from '../format/manifest-record.ts';

/** Counts the lines of a manifest. */
export class RecordTally {
  /** Ids of the packs they name. */
  readonly packIds = new Set<string>();
  readonly #counts = { records: 0, bytes: 0, readRecords: 0, readBytes: 0, skipped: 0 };
  #skippedBy: SkipCounts = {};
  #lastPack = '';

  get counts(): Omit<SnapshotCounts, 'packs' | 'packBytes'> {
    return { ...this.#counts, skippedBy: this.#skippedBy };
  }

  /** @param wasRead - whether it was read in this run, and not carried forward. */
  add(line: ManifestLine, wasRead: boolean): void {
    const counts = this.#counts;
    if (!isRecord(line)) {
      counts.skipped += 1;
      this.#skippedBy = withSkip(this.#skippedBy, line.skipped);
      return;
    }
    if (line.pack !== this.#lastPack) {
      this.packIds.add(line.pack);
      this.#lastPack = line.pack;
    }
    counts.records += 1;
    counts.bytes += line.size;
    counts.readRecords += wasRead ? 1 : 0;
    counts.readBytes += wasRead ? line.size : 0;
  }
}
