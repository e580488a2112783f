import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LockMode } from './object-version.ts';

/** `''` until versioning is first configured. */
export type Versioning = '' | 'Enabled' | 'Suspended';

/** A lock bucket's default, applied to writes that bring no retention of their own. */
export interface DefaultRetention {
  readonly mode: LockMode;
  readonly unit: 'Days' | 'Years';
  readonly amount: number;
}

/** A bucket without the documents attached to it. */
export interface Bucket {
  readonly name: string;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly versioning: Versioning;
  readonly objectLock: boolean;
  readonly defaultRetention?: DefaultRetention;
}

interface BucketRow {
  name: string;
  region: string;
  created: number;
  versioning: Versioning;
  object_lock: number;
  default_retention: string | null;
}

function fromRow(row: BucketRow): Bucket {
  return {
    name: row.name,
    region: row.region,
    created: row.created,
    versioning: row.versioning,
    objectLock: row.object_lock === 1,
    ...(row.default_retention === null
      ? {}
      : { defaultRetention: JSON.parse(row.default_retention) as DefaultRetention }),
  };
}

/** Buckets of all Regions (their names are global) and the documents attached to them. */
export class BucketTable {
  readonly #find: StatementSync;
  readonly #document: StatementSync;
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#find = database.prepare('SELECT * FROM buckets WHERE name = ?');
    this.#document = database.prepare(
      'SELECT document FROM bucket_documents WHERE bucket = ? AND kind = ?',
    );
  }

  find(name: string): Bucket | undefined {
    const row = this.#find.get(name) as BucketRow | undefined;
    return row && fromRow(row);
  }

  list(): Bucket[] {
    const rows = this.#database.prepare('SELECT * FROM buckets ORDER BY name').all();
    return (rows as unknown as BucketRow[]).map(fromRow);
  }

  insert(bucket: Bucket): void {
    this.#database
      .prepare('INSERT INTO buckets VALUES (?, ?, ?, ?, ?, ?)')
      .run(
        bucket.name,
        bucket.region,
        bucket.created,
        bucket.versioning,
        bucket.objectLock ? 1 : 0,
        bucket.defaultRetention === undefined ? null : JSON.stringify(bucket.defaultRetention),
      );
  }

  setVersioning(name: string, versioning: Versioning): void {
    this.#database
      .prepare('UPDATE buckets SET versioning = ? WHERE name = ?')
      .run(versioning, name);
  }

  /** Turns Object Lock on, for good, with or without a default retention. */
  setObjectLock(name: string, retention: DefaultRetention | undefined): void {
    this.#database
      .prepare('UPDATE buckets SET object_lock = 1, default_retention = ? WHERE name = ?')
      .run(retention === undefined ? null : JSON.stringify(retention), name);
  }

  /** True when the bucket holds no version and no delete marker. */
  isEmpty(name: string): boolean {
    return (
      this.#database.prepare('SELECT 1 FROM versions WHERE bucket = ? LIMIT 1').get(name) ===
      undefined
    );
  }

  remove(name: string): void {
    this.#database.prepare('DELETE FROM buckets WHERE name = ?').run(name);
  }

  document(bucket: string, kind: string): string | undefined {
    const row = this.#document.get(bucket, kind);
    return row?.document as string | undefined;
  }

  putDocument(bucket: string, kind: string, document: string): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO bucket_documents VALUES (?, ?, ?)')
      .run(bucket, kind, document);
  }

  removeDocument(bucket: string, kind: string): void {
    this.#database
      .prepare('DELETE FROM bucket_documents WHERE bucket = ? AND kind = ?')
      .run(bucket, kind);
  }
}
