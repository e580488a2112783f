import type { DatabaseSync } from 'node:sqlite';
import { openStateDatabase } from '../state-database.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** An execution as `DescribeExecution` reports it. Dates are ISO instants. */
export interface Execution {
  readonly arn: string;
  readonly machineArn: string;
  readonly name: string;
  readonly input: string;
  readonly status: ExecutionStatus;
  readonly startDate: string;
  readonly stopDate: string | undefined;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

/** How an execution ended. */
export interface ExecutionEnd {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly stopDate: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** Executions of all state machines, in `states.sqlite`. */
export class ExecutionStore {
  readonly #database: DatabaseSync;

  constructor(dataDirectory: string) {
    this.#database = openStateDatabase(dataDirectory, 'states');
    this.#database.exec(`
      CREATE TABLE IF NOT EXISTS executions (
        arn TEXT PRIMARY KEY, machine_arn TEXT NOT NULL, name TEXT NOT NULL, input TEXT NOT NULL,
        status TEXT NOT NULL, start_date TEXT NOT NULL, stop_date TEXT,
        output TEXT, error TEXT, cause TEXT
      );
      CREATE TABLE IF NOT EXISTS events (
        id INTEGER PRIMARY KEY, execution_arn TEXT NOT NULL, event TEXT NOT NULL
      );
      CREATE INDEX IF NOT EXISTS events_of_execution ON events (execution_arn, id);
    `);
  }

  insert(execution: Pick<Execution, 'arn' | 'machineArn' | 'name' | 'input' | 'startDate'>): void {
    this.#database
      .prepare(
        "INSERT INTO executions (arn, machine_arn, name, input, status, start_date) VALUES (?, ?, ?, ?, 'RUNNING', ?)",
      )
      .run(
        execution.arn,
        execution.machineArn,
        execution.name,
        execution.input,
        execution.startDate,
      );
  }

  /** Records an end; an execution that has ended already keeps its first one. */
  finish(arn: string, end: ExecutionEnd): void {
    this.#database
      .prepare(
        "UPDATE executions SET status = ?, stop_date = ?, output = ?, error = ?, cause = ? WHERE arn = ? AND status = 'RUNNING'",
      )
      .run(end.status, end.stopDate, end.output ?? null, end.error ?? null, end.cause ?? null, arn);
  }

  find(arn: string): Execution | undefined {
    const row = this.#database.prepare('SELECT * FROM executions WHERE arn = ?').get(arn);
    return row === undefined ? undefined : executionOf(row);
  }

  /** Executions of a machine, newest first. */
  list(machineArn: string, status?: string): Execution[] {
    return this.#database
      .prepare(
        'SELECT * FROM executions WHERE machine_arn = ? AND (? IS NULL OR status = ?) ORDER BY start_date DESC, rowid DESC',
      )
      .all(machineArn, status ?? null, status ?? null)
      .map(executionOf);
  }

  /** Executions that an earlier process left behind. */
  running(): Execution[] {
    return this.#database
      .prepare("SELECT * FROM executions WHERE status = 'RUNNING' ORDER BY rowid")
      .all()
      .map(executionOf);
  }

  appendEvent(arn: string, event: object): void {
    this.#database
      .prepare('INSERT INTO events (execution_arn, event) VALUES (?, ?)')
      .run(arn, JSON.stringify(event));
  }

  events(arn: string): Record<string, unknown>[] {
    return this.#database
      .prepare('SELECT event FROM events WHERE execution_arn = ? ORDER BY id')
      .all(arn)
      .map((row) => JSON.parse(String(row.event)) as Record<string, unknown>);
  }

  close(): void {
    this.#database.close();
  }
}

function executionOf(row: Record<string, unknown>): Execution {
  const text = (value: unknown): string | undefined => (value === null ? undefined : String(value));
  return {
    arn: String(row.arn),
    machineArn: String(row.machine_arn),
    name: String(row.name),
    input: String(row.input),
    status: String(row.status) as ExecutionStatus,
    startDate: String(row.start_date),
    stopDate: text(row.stop_date),
    output: text(row.output),
    error: text(row.error),
    cause: text(row.cause),
  };
}
