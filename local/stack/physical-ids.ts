import type { DatabaseSync } from 'node:sqlite';
import { openStateDatabase } from '../state-database.ts';

/**
 * Ids that a service chose for a template's resource, such as a KMS key's, kept so that a restart
 * finds the resource again.
 */
export class PhysicalIds {
  readonly #database: DatabaseSync;

  constructor(dataDirectory: string) {
    this.#database = openStateDatabase(dataDirectory, 'stack');
    this.#database.exec(
      'CREATE TABLE IF NOT EXISTS physical_ids (region TEXT, stack TEXT, logical_id TEXT, physical_id TEXT NOT NULL, PRIMARY KEY (region, stack, logical_id))',
    );
  }

  find(region: string, stackName: string, logicalId: string): string | undefined {
    const row = this.#database
      .prepare(
        'SELECT physical_id FROM physical_ids WHERE region = ? AND stack = ? AND logical_id = ?',
      )
      .get(region, stackName, logicalId);
    return row === undefined ? undefined : String(row.physical_id);
  }

  save(region: string, stackName: string, logicalId: string, physicalId: string): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO physical_ids VALUES (?, ?, ?, ?)')
      .run(region, stackName, logicalId, physicalId);
  }

  close(): void {
    this.#database.close();
  }
}
