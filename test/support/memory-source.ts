import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { HoldfastError } from '../../shared/domain/errors.ts';
import {
  ALL_PATHS,
  isBehindEnd,
  isBehindStart,
  type PathRange,
} from '../../shared/domain/path-range.ts';
import { compareUtf8 } from '../../shared/domain/utf8-order.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { SkippedRead, Source, SourceContent, SourceEntry } from '../../shared/ports/source.ts';

/** What a test puts into a source; everything but the bytes has a default. */
export interface SourceRecordOptions {
  /** Default `application/octet-stream`. */
  readonly contentType?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

interface SourceRecord {
  readonly entry: SourceEntry;
  readonly bytes: Uint8Array;
  readonly options: SourceRecordOptions;
}

/** Entries listed at once: few, so that most tests see more than one page. */
const PAGE = 7;

/** The records of one vault in memory. */
export class MemorySource implements Source {
  /** Set to make every call fail with this fault. */
  failure: 'SOURCE_MISSING' | 'SOURCE_DENIED' | 'SOURCE_UNAVAILABLE' | null = null;
  /** Paths that cannot be read though they are listed. */
  readonly unreadable = new Map<string, 'archived' | 'denied'>();
  /** Paths that change whenever they are read. */
  readonly restless = new Set<string>();
  /** Paths that were read, in order: shows what an incremental run left alone. */
  readonly reads: string[] = [];
  readonly #clock: Clock;
  readonly #vaultId: string;
  readonly #records = new Map<string, SourceRecord>();

  constructor(clock: Clock, vaultId: string) {
    this.#clock = clock;
    this.#vaultId = vaultId;
  }

  async *list(range: PathRange = ALL_PATHS): AsyncIterable<readonly SourceEntry[]> {
    this.#requireAvailable();
    const entries = [...this.#records.values()]
      .map(({ entry }) => entry)
      .filter(({ path }) => isBehindStart(range, path) && !isBehindEnd(range, path));
    entries.sort((left, right) => compareUtf8(left.path, right.path));
    for (let start = 0; start < entries.length; start += PAGE) {
      yield entries.slice(start, start + PAGE);
    }
  }

  async read({ path, etag }: SourceEntry): Promise<SourceContent | SkippedRead> {
    this.#requireAvailable();
    this.reads.push(path);
    const record = this.#records.get(path);
    const skipped = record === undefined ? 'vanished' : this.unreadable.get(path);
    if (record === undefined || skipped !== undefined) {
      return { skipped: skipped ?? 'vanished' };
    }
    if (this.restless.has(path)) {
      return { skipped: 'changed' };
    }
    const { contentType = 'application/octet-stream', metadata = {}, tags = {} } = record.options;
    const body = Readable.from([record.bytes].filter((bytes) => bytes.length > 0));
    const content = { body, contentType, metadata, tags };
    return record.entry.etag === etag ? content : { ...content, listed: record.entry };
  }

  /** Adds or replaces a record. */
  put(path: string, content: string | Uint8Array, options: SourceRecordOptions = {}): void {
    const bytes = Buffer.from(content);
    const entry: SourceEntry = {
      path,
      size: bytes.length,
      etag: createHash('md5').update(bytes).digest('hex'),
      modified: this.#clock.now().toISOString(),
    };
    this.#records.set(path, { entry, bytes, options });
  }

  delete(path: string): void {
    this.#records.delete(path);
  }

  #requireAvailable(): void {
    if (this.failure !== null) {
      throw new HoldfastError(this.failure, { vaultId: this.#vaultId });
    }
  }
}
