import type { Readable } from 'node:stream';

/**
 * The original records of one vault.
 *
 * Every method throws HoldfastError `SOURCE_MISSING`, `SOURCE_DENIED` or `SOURCE_UNAVAILABLE`, the
 * last after bounded retries.
 */
export interface Source {
  /** Entries in ascending UTF-8 byte order of their paths. */
  list(): AsyncIterable<SourceEntry>;

  /**
   * Opens exactly the content that was listed.
   * @returns `undefined` when the record changed or vanished since it was listed, or lies in an
   * archive it must be brought back from first.
   */
  read(entry: SourceEntry): Promise<SourceContent | undefined>;
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
  readonly body: Readable;
  readonly contentType: string | null;
  /** User metadata, keys in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}
