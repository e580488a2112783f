/** A line of a manifest (format.md 4.3, 4.7). */
export type ManifestLine = ManifestRecord | SkippedRecord;

/**
 * A record that the source lists and that could not be read, as it was listed. It is not in the
 * snapshot (format.md 4.7).
 */
export interface SkippedRecord {
  readonly path: string;
  readonly size: number;
  readonly modified: string;
  readonly etag: string;
  /** A `SkipReason`, or one that a later version knows. */
  readonly skipped: string;
}

/** @returns whether a line is a record of the snapshot. */
export function isRecord(line: ManifestLine): line is ManifestRecord {
  return !('skipped' in line);
}

/** A record of the snapshot and where its bytes lie: format.md 4.3. */
export interface ManifestRecord {
  /** Path below the source's prefix, as the source had it. */
  readonly path: string;
  /** Plaintext bytes. */
  readonly size: number;
  /** Lower-case hex SHA-256 of the plaintext. */
  readonly sha256: string;
  /** ISO 8601 instant of the source's last modification. */
  readonly modified: string;
  /** The source's ETag: with the size, it tells whether the record changed. */
  readonly etag: string;
  readonly contentType: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly pack: string;
  /** Name of the tar entry, when the path itself is not a safe file name. */
  readonly entry?: string;
}
