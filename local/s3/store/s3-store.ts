import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openStateDatabase } from '../../state-database.ts';
import { BodyFiles, type BodySegment } from './body-files.ts';
import { type Bucket, BucketTable } from './bucket-table.ts';
import { type NewVersion, NULL_VERSION, type ObjectVersion } from './object-version.ts';
import { applySchema } from './schema.ts';
import { UploadTable } from './upload-table.ts';
import { VersionTable } from './version-table.ts';

/**
 * Everything this S3 knows: metadata in `s3.sqlite`, bodies as files under `s3/`. A write is
 * acknowledged only after its file has its final name and its row is committed, so a killed
 * process loses nothing it acknowledged. It does not call fsync: a power failure may.
 */
export class S3Store {
  readonly buckets: BucketTable;
  readonly versions: VersionTable;
  readonly uploads: UploadTable;
  readonly files: BodyFiles;
  readonly #database: DatabaseSync;

  constructor(dataDirectory: string) {
    this.#database = openStateDatabase(dataDirectory, 's3');
    applySchema(this.#database);
    this.buckets = new BucketTable(this.#database);
    this.versions = new VersionTable(this.#database);
    this.uploads = new UploadTable(this.#database);
    this.files = new BodyFiles(join(dataDirectory, 's3'));
    const referenced = new Set<string>(this.uploads.bodyIds());
    for (const segment of this.versions.segments()) {
      referenced.add(segment.id);
    }
    this.files.sweep((id) => referenced.has(id));
  }

  /** Runs `change` whole or not at all. It is synchronous, so nothing runs in between. */
  transaction<T>(change: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** The id a write to this bucket gets: opaque and new, or `null` while not versioned. */
  newVersionId(bucket: Bucket): string {
    return bucket.versioning === 'Enabled' ? randomBytes(24).toString('base64url') : NULL_VERSION;
  }

  /**
   * Adds a version as the newest of its key, replacing a version of the same id (`null`). Called
   * inside a transaction; the returned files are unused once it has committed.
   */
  addVersion(version: NewVersion): readonly BodySegment[] {
    const replaced =
      version.versionId === NULL_VERSION
        ? this.versions.byId(version.bucket, version.key, NULL_VERSION)
        : undefined;
    if (replaced !== undefined) {
      this.versions.remove(replaced);
    }
    this.versions.insert(version);
    return replaced?.segments ?? [];
  }

  /** Removes one version for good, row first, then its files. */
  removeVersion(version: ObjectVersion): void {
    this.transaction(() => this.versions.remove(version));
    this.files.remove(version.segments);
  }

  close(): void {
    this.#database.close();
  }
}
