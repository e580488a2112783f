import type { DatabaseSync } from 'node:sqlite';
import type { JsonObject } from '../gateway/json-protocol.ts';
import { LocalAwsError } from '../gateway/service.ts';

/** Days a table can be restored to, from the API reference of UpdateContinuousBackups. */
const RECOVERY_DAYS = { min: 1, max: 35, fallback: 35 } as const;

/**
 * Point-in-time recovery as a setting: it is kept and reported, but nothing can be restored,
 * because the engines have no such feature.
 */
export class ContinuousBackups {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(
      'CREATE TABLE IF NOT EXISTS recovery (table_name TEXT PRIMARY KEY, days INTEGER NOT NULL)',
    );
  }

  /** UpdateContinuousBackups. @throws LocalAwsError `ValidationException`. */
  update(tableName: string, input: JsonObject): JsonObject {
    const wanted = (input.PointInTimeRecoverySpecification ?? {}) as JsonObject;
    const days = wanted.RecoveryPeriodInDays ?? RECOVERY_DAYS.fallback;
    const { min, max } = RECOVERY_DAYS;
    if (!Number.isInteger(days) || Number(days) < min || Number(days) > max) {
      throw new LocalAwsError(
        'ValidationException',
        400,
        `RecoveryPeriodInDays must be between ${min} and ${max}`,
      );
    }
    if (wanted.PointInTimeRecoveryEnabled === true) {
      this.#database
        .prepare(
          `INSERT INTO recovery VALUES (?, ?)
           ON CONFLICT (table_name) DO UPDATE SET days = excluded.days`,
        )
        .run(tableName, Number(days));
    } else {
      this.forget(tableName);
    }
    return this.describe(tableName);
  }

  /** DescribeContinuousBackups. */
  describe(tableName: string): JsonObject {
    const row = this.#database
      .prepare('SELECT days FROM recovery WHERE table_name = ?')
      .get(tableName);
    const recovery =
      row === undefined
        ? { PointInTimeRecoveryStatus: 'DISABLED' }
        : { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: Number(row.days) };
    return {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: recovery,
      },
    };
  }

  /** Drops the setting of a table that is deleted. */
  forget(tableName: string): void {
    this.#database.prepare('DELETE FROM recovery WHERE table_name = ?').run(tableName);
  }
}
