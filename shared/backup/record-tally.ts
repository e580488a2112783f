import type { PartContent, RecordCounts } from '../domain/run-records.ts';
import { type SkipCounts, withSkip } from '../domain/skip-reason.ts';
import { isRecord, type ManifestLine } from '../format/manifest-record.ts';

/** What is needed of a pack. */
interface PackNeed {
  readonly packId: string;
  bytes: number;
}

/** Adds up the lines of a manifest. */
export class RecordTally {
  readonly #counts = { records: 0, bytes: 0, readRecords: 0, readBytes: 0, skipped: 0 };
  readonly #packs = new Map<string, PackNeed>();
  #skippedBy: SkipCounts = {};
  /** Neighbouring records mostly lie in one pack. */
  #lastPack: PackNeed | undefined;

  get counts(): RecordCounts {
    return { ...this.#counts, skippedBy: this.#skippedBy };
  }

  get lineCount(): number {
    return this.#counts.records + this.#counts.skipped;
  }

  get packCount(): number {
    return this.#packs.size;
  }

  /** Plaintext bytes of the records in each pack they name, by its id. */
  get liveBytes(): ReadonlyMap<string, number> {
    return new Map([...this.#packs].map(([packId, { bytes }]) => [packId, bytes]));
  }

  /** @param wasRead - whether it was read in this run, and not carried forward. */
  add(line: ManifestLine, wasRead: boolean): void {
    const counts = this.#counts;
    if (!isRecord(line)) {
      counts.skipped += 1;
      this.#skippedBy = withSkip(this.#skippedBy, line.skipped);
      return;
    }
    this.#packNamed(line.pack).bytes += line.size;
    counts.records += 1;
    counts.bytes += line.size;
    counts.readRecords += wasRead ? 1 : 0;
    counts.readBytes += wasRead ? line.size : 0;
  }

  /** Adds what was added up before. */
  addContent({ counts: { skippedBy, ...more }, packs }: PartContent): void {
    const counts = this.#counts;
    counts.records += more.records;
    counts.bytes += more.bytes;
    counts.readRecords += more.readRecords;
    counts.readBytes += more.readBytes;
    counts.skipped += more.skipped;
    for (const [reason, count] of Object.entries(skippedBy)) {
      this.#skippedBy = withSkip(this.#skippedBy, reason, count);
    }
    for (const [packId, bytes] of Object.entries(packs)) {
      this.#packNamed(packId).bytes += bytes;
    }
  }

  /** @returns all of it, as a ledger record has it. */
  content(): PartContent {
    const packs = [...this.#packs.values()].map(({ packId, bytes }) => [packId, bytes]);
    return { counts: this.counts, packs: Object.fromEntries(packs) };
  }

  #packNamed(packId: string): PackNeed {
    if (this.#lastPack?.packId !== packId) {
      this.#lastPack = this.#packs.get(packId) ?? { packId, bytes: 0 };
      this.#packs.set(packId, this.#lastPack);
    }
    return this.#lastPack;
  }
}
