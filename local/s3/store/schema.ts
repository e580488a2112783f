import type { DatabaseSync } from 'node:sqlite';

/**
 * Tables of `s3.sqlite`. Columns exist for what is searched, ordered or listed; everything else
 * of a version or upload is one JSON document (`detail`). `seq` orders a key's versions: newest is
 * highest. Current versions have their own index for ListObjects.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS buckets (
  name TEXT PRIMARY KEY,
  region TEXT NOT NULL,
  created INTEGER NOT NULL,
  versioning TEXT NOT NULL,
  object_lock INTEGER NOT NULL,
  default_retention TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS bucket_documents (
  bucket TEXT NOT NULL REFERENCES buckets(name) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (bucket, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  bucket TEXT NOT NULL REFERENCES buckets(name),
  key TEXT NOT NULL,
  version_id TEXT NOT NULL,
  is_latest INTEGER NOT NULL,
  is_marker INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  lock_mode TEXT,
  lock_until INTEGER,
  legal_hold INTEGER NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS versions_by_key ON versions (bucket, key, seq);
CREATE UNIQUE INDEX IF NOT EXISTS versions_by_id ON versions (bucket, key, version_id);
CREATE UNIQUE INDEX IF NOT EXISTS versions_listed ON versions (bucket, key)
  WHERE is_latest = 1;
CREATE TABLE IF NOT EXISTS uploads (
  upload_id TEXT PRIMARY KEY,
  bucket TEXT NOT NULL REFERENCES buckets(name) ON DELETE CASCADE,
  key TEXT NOT NULL,
  initiated INTEGER NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, upload_id);
CREATE TABLE IF NOT EXISTS parts (
  upload_id TEXT NOT NULL REFERENCES uploads(upload_id) ON DELETE CASCADE,
  part_number INTEGER NOT NULL,
  body_id TEXT NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  modified INTEGER NOT NULL,
  checksum_algorithm TEXT NOT NULL,
  checksum TEXT NOT NULL,
  PRIMARY KEY (upload_id, part_number)
) STRICT, WITHOUT ROWID;
`;

/** Creates what is missing; an existing database is left as it is. */
export function applySchema(database: DatabaseSync): void {
  database.exec(SCHEMA);
}
