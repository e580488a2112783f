/** One line of a manifest: a record and where its bytes lie. See format.md section 4. */
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
