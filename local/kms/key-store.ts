import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { openStateDatabase } from '../state-database.ts';
import type { KeyRecord, KeySpec, KeyState, KeyUsage } from './key-record.ts';

const SCHEMA = `
  PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS keys (
    key_id TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    arn TEXT NOT NULL,
    spec TEXT NOT NULL,
    usage TEXT NOT NULL,
    state TEXT NOT NULL,
    description TEXT NOT NULL,
    policy TEXT NOT NULL,
    rotation_enabled INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    deletion_date INTEGER,
    material BLOB NOT NULL
  );
  CREATE INDEX IF NOT EXISTS keys_by_region ON keys (region, key_id);
  CREATE INDEX IF NOT EXISTS keys_by_deletion ON keys (deletion_date)
    WHERE deletion_date IS NOT NULL;
  CREATE TABLE IF NOT EXISTS aliases (
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    key_id TEXT NOT NULL REFERENCES keys (key_id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (region, name)
  );
  CREATE INDEX IF NOT EXISTS aliases_by_key ON aliases (key_id);
  CREATE TABLE IF NOT EXISTS tags (
    key_id TEXT NOT NULL REFERENCES keys (key_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (key_id, name)
  );
  CREATE TABLE IF NOT EXISTS outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL
  );
`;

type Row = Record<string, SQLOutputValue>;

/**
 * `kms.sqlite`: keys with their material, aliases, tags, and events not yet delivered. One process
 * owns it. `secure_delete` makes SQLite overwrite what it deletes.
 */
export class KeyStore {
  readonly database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(dataDirectory: string) {
    this.database = openStateDatabase(dataDirectory, 'kms');
    this.database.exec(SCHEMA);
    // A process killed right after it destroyed a key may have left the material in the log.
    this.emptyLog();
  }

  /**
   * Writes the write-ahead log back and truncates it, so that no earlier state remains in any file.
   * @throws Error when another connection keeps the log in use.
   */
  emptyLog(): void {
    const result = this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    if (result?.busy !== 0) throw new Error('kms.sqlite is in use by another process');
  }

  /** A prepared statement, kept for the next use of the same text. */
  sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /** Runs `work` whole or not at all. Not to be nested. */
  transact<Result>(work: () => Result): Result {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  insert(key: KeyRecord, material: Buffer): void {
    this.sql(
      `INSERT INTO keys
         (key_id, region, arn, spec, usage, state, description, policy, created_at, material)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      key.keyId,
      key.region,
      key.arn,
      key.spec,
      key.usage,
      key.state,
      key.description,
      key.policy,
      key.createdAt,
      material,
    );
  }

  find(region: string, keyId: string): KeyRecord | undefined {
    const row = this.sql('SELECT * FROM keys WHERE key_id = ? AND region = ?').get(keyId, region);
    return row === undefined ? undefined : toRecord(row);
  }

  findByAlias(region: string, name: string): KeyRecord | undefined {
    const row = this.sql(
      `SELECT keys.* FROM aliases JOIN keys USING (key_id) WHERE aliases.region = ? AND name = ?`,
    ).get(region, name);
    return row === undefined ? undefined : toRecord(row);
  }

  /** Secret bytes of a key: 32 for AES, PKCS#8 DER for a signing key. */
  material(keyId: string): Buffer {
    const row = this.sql('SELECT material FROM keys WHERE key_id = ?').get(keyId);
    return Buffer.from(row?.material as Uint8Array);
  }

  setState(keyId: string, state: KeyState, deletionDate: number | undefined): void {
    this.sql('UPDATE keys SET state = ?, deletion_date = ? WHERE key_id = ?').run(
      state,
      deletionDate ?? null,
      keyId,
    );
  }

  /** Ids of keys of one Region after `marker`, in the order of ids. */
  listIds(region: string, marker: string, limit: number): string[] {
    return this.sql(
      'SELECT key_id FROM keys WHERE region = ? AND key_id > ? ORDER BY key_id LIMIT ?',
    )
      .all(region, marker, limit)
      .map((row) => String(row.key_id));
  }

  /** Keys whose deletion date is reached at `now`, the earliest first. */
  listDue(now: number): KeyRecord[] {
    return this.sql('SELECT * FROM keys WHERE deletion_date <= ? ORDER BY deletion_date, key_id')
      .all(now)
      .map(toRecord);
  }

  close(): void {
    this.database.close();
  }
}

function toRecord(row: Row): KeyRecord {
  return {
    keyId: String(row.key_id),
    region: String(row.region),
    arn: String(row.arn),
    spec: row.spec as KeySpec,
    usage: row.usage as KeyUsage,
    state: row.state as KeyState,
    description: String(row.description),
    policy: String(row.policy),
    rotationEnabled: row.rotation_enabled === 1,
    createdAt: Number(row.created_at),
    deletionDate: row.deletion_date === null ? undefined : Number(row.deletion_date),
  };
}
