import type { Readable } from 'node:stream';
import type { PathRange } from '../domain/path-range.ts';
import type { SkipReason } from '../domain/skip-reason.ts';

/**
 * The original records of one vault.
 *
 * Every method throws HoldfastError `SOURCE_MISSING`, `SOURCE_DENIED` or `SOURCE_UNAVAILABLE`, the
 * last after bounded retries.
 */
export interface Source {
  /**
   * Entries in ascending UTF-8 byte order of their paths, in batches of any size: a promise for
   * each entry would cost more than to compare it.
   * @param range - only these are listed. Default: all.
   */
  list(range?: PathRange): AsyncIterable<readonly SourceEntry[]>;

  /**
   * Opens exactly the content that was listed. A source that can look at one record again does so
   * when it changed since, and opens what it finds: `listed` of the content says what that is.
   * @returns why the record cannot be read, when that is so; `undefined` stands for `changed`.
   * That one record may not be read is no failure of the source.
   */
  read(entry: SourceEntry): ReadAnswer | Promise<ReadAnswer>;
}

/** What a source answers to a read; at once where it need not wait, as for a small local file. */
type ReadAnswer = SourceContent | SkippedRead | undefined;

/** A record that is not to be had now. */
export interface SkippedRead {
  readonly skipped: SkipReason;
}

export interface SourceEntry {
  /** Path below the source's prefix, any Unicode. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Changes whenever the content changes. */
  readonly etag: string;
  /** ISO 8601 instant. */
  readonly modified: string;
}

export interface SourceContent {
  /** What was opened, when the record changed since it was listed. @default it had not */
  readonly listed?: SourceEntry;
  readonly body: Readable;
  /** The whole content, when the source has it in memory already; `body` yields the same. */
  readonly bytes?: Buffer;
  /**
   * Says that `bytes` were used and may be overwritten: their memory serves for other records then.
   * It may be called or not.
   * @default they keep their memory
   */
  readonly release?: () => void;
  /**
   * Asked after `body` has ended: whether it was what was listed. `false` means that the record
   * changed while it was read, and must be left out.
   * @default it was
   */
  readonly isWhole?: () => boolean;
  readonly contentType: string | null;
  /** User metadata, keys in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}
