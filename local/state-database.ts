import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Opens one SQLite file under the data directory. Write-ahead logging makes every acknowledged
 * write survive a killed process; SQLite compares text as UTF-8 bytes, which is S3's key order.
 */
export function openStateDatabase(dataDirectory: string, name: string): DatabaseSync {
  mkdirSync(dataDirectory, { recursive: true });
  const database = new DatabaseSync(join(dataDirectory, `${name}.sqlite`));
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = NORMAL');
  database.exec('PRAGMA foreign_keys = ON');
  return database;
}
