import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { BodySegment } from './body-files.ts';
import type { LockMode, NewVersion, ObjectLock, ObjectVersion, Tag } from './object-version.ts';

/**
 * Rows fetched at once while a listing walks the keys. After a jump the next one is likely, so it
 * starts small and doubles.
 */
const MOST_WALK_ROWS = 256;
const WALK_ROWS_AFTER_JUMP = 4;

type Detail = Pick<
  NewVersion,
  | 'headers'
  | 'userMetadata'
  | 'tags'
  | 'storageClass'
  | 'encryption'
  | 'segments'
  | 'checksum'
  | 'parts'
>;

interface VersionRow {
  seq: number;
  bucket: string;
  key: string;
  version_id: string;
  is_latest: number;
  is_marker: number;
  modified: number;
  size: number;
  etag: string;
  lock_mode: LockMode | null;
  lock_until: number | null;
  legal_hold: number;
  detail: string;
}

function fromRow(row: VersionRow): ObjectVersion {
  return {
    ...(JSON.parse(row.detail) as Detail),
    seq: row.seq,
    bucket: row.bucket,
    key: row.key,
    versionId: row.version_id,
    isLatest: row.is_latest === 1,
    isMarker: row.is_marker === 1,
    modified: row.modified,
    size: row.size,
    etag: row.etag,
    lock: {
      legalHold: row.legal_hold === 1,
      ...(row.lock_mode === null || row.lock_until === null
        ? {}
        : { mode: row.lock_mode, until: row.lock_until }),
    },
  };
}

function detailOf(version: Detail): string {
  const { headers, userMetadata, tags, storageClass, encryption, segments, checksum, parts } =
    version;
  return JSON.stringify({
    headers,
    userMetadata,
    tags,
    storageClass,
    encryption,
    segments,
    checksum,
    parts,
  });
}

/** Where a walk starts: at `key`, or within it below version `seq`. */
export interface WalkStart {
  readonly key: string;
  readonly inclusive: boolean;
  /** Only with `versions`: continue inside `key` with versions older than this. */
  readonly belowSeq?: number;
}

/** Versions in order. The consumer may answer each with a place to jump to. */
export type VersionWalk = Generator<ObjectVersion, void, WalkStart | undefined>;

/** Versions of all objects. SQLite orders keys by their UTF-8 bytes, as S3 does. */
export class VersionTable {
  readonly #database: DatabaseSync;
  readonly #current: StatementSync;
  readonly #byId: StatementSync;
  readonly #demote: StatementSync;
  readonly #insert: StatementSync;
  readonly #walkFrom: StatementSync;
  readonly #walkAfter: StatementSync;
  readonly #walkVersions: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#current = database.prepare(
      'SELECT * FROM versions WHERE bucket = ? AND key = ? AND is_latest = 1',
    );
    this.#byId = database.prepare(
      'SELECT * FROM versions WHERE bucket = ? AND key = ? AND version_id = ?',
    );
    this.#demote = database.prepare(
      'UPDATE versions SET is_latest = 0 WHERE bucket = ? AND key = ? AND is_latest = 1',
    );
    this.#insert = database.prepare(
      `INSERT INTO versions (bucket, key, version_id, is_latest, is_marker, modified, size, etag,
         lock_mode, lock_until, legal_hold, detail) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#walkFrom = database.prepare(
      `SELECT * FROM versions WHERE bucket = ? AND key >= ? AND is_latest = 1
         ORDER BY key LIMIT ?`,
    );
    this.#walkAfter = database.prepare(
      `SELECT * FROM versions WHERE bucket = ? AND key > ? AND is_latest = 1
         ORDER BY key LIMIT ?`,
    );
    this.#walkVersions = database.prepare(
      `SELECT * FROM versions WHERE bucket = ? AND (key > ? OR (key = ? AND seq < ?))
         ORDER BY key, seq DESC LIMIT ?`,
    );
  }

  /** The newest version or delete marker of a key. */
  current(bucket: string, key: string): ObjectVersion | undefined {
    const row = this.#current.get(bucket, key) as VersionRow | undefined;
    return row && fromRow(row);
  }

  byId(bucket: string, key: string, versionId: string): ObjectVersion | undefined {
    const row = this.#byId.get(bucket, key, versionId) as VersionRow | undefined;
    return row && fromRow(row);
  }

  /** Adds the newest version of its key. Called inside a transaction. */
  insert(version: NewVersion): void {
    this.#demote.run(version.bucket, version.key);
    this.#insert.run(
      version.bucket,
      version.key,
      version.versionId,
      version.isMarker ? 1 : 0,
      version.modified,
      version.size,
      version.etag,
      version.lock.mode ?? null,
      version.lock.until ?? null,
      version.lock.legalHold ? 1 : 0,
      detailOf(version),
    );
  }

  /** Removes a version; the next older one becomes current. Called inside a transaction. */
  remove(version: ObjectVersion): void {
    this.#database.prepare('DELETE FROM versions WHERE seq = ?').run(version.seq);
    if (version.isLatest) {
      this.#database
        .prepare(
          `UPDATE versions SET is_latest = 1 WHERE seq =
             (SELECT MAX(seq) FROM versions WHERE bucket = ? AND key = ?)`,
        )
        .run(version.bucket, version.key);
    }
  }

  setLock(seq: number, lock: ObjectLock): void {
    this.#database
      .prepare('UPDATE versions SET lock_mode = ?, lock_until = ?, legal_hold = ? WHERE seq = ?')
      .run(lock.mode ?? null, lock.until ?? null, lock.legalHold ? 1 : 0, seq);
  }

  setTags(version: ObjectVersion, tags: readonly Tag[]): void {
    this.#database
      .prepare('UPDATE versions SET detail = ? WHERE seq = ?')
      .run(detailOf({ ...version, tags }), version.seq);
  }

  /** Current versions, delete markers included, in key order from `start` on. */
  *walkCurrent(bucket: string, start: WalkStart): VersionWalk {
    yield* this.#walk(start, (from, limit) =>
      (from.inclusive ? this.#walkFrom : this.#walkAfter).all(bucket, from.key, limit),
    );
  }

  /** All versions, by key and then newest first, from `start` on. */
  *walkVersions(bucket: string, start: WalkStart): VersionWalk {
    yield* this.#walk(start, (from, limit) => {
      const below = from.inclusive ? Number.MAX_SAFE_INTEGER : (from.belowSeq ?? 0);
      return this.#walkVersions.all(bucket, from.key, from.key, below, limit);
    });
  }

  *#walk(
    start: WalkStart,
    fetch: (from: WalkStart, limit: number) => Record<string, unknown>[],
  ): VersionWalk {
    let from = start;
    let limit = MOST_WALK_ROWS;
    for (;;) {
      const rows = fetch(from, limit) as unknown as VersionRow[];
      let jump: WalkStart | undefined;
      for (const row of rows) {
        jump = yield fromRow(row);
        if (jump !== undefined) {
          break;
        }
      }
      const last = rows.at(-1);
      if (last === undefined) {
        return;
      }
      limit = jump ? WALK_ROWS_AFTER_JUMP : Math.min(limit * 2, MOST_WALK_ROWS);
      from = jump ?? { key: last.key, inclusive: false, belowSeq: last.seq };
    }
  }

  /** Every body file any version refers to. */
  *segments(): Generator<BodySegment> {
    const rows = this.#database.prepare("SELECT detail ->> '$.segments' AS segments FROM versions");
    for (const row of rows.iterate()) {
      yield* JSON.parse(row.segments as string) as BodySegment[];
    }
  }
}
