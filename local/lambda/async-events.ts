import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { openStateDatabase } from '../state-database.ts';
import {
  DEFAULT_EVENT_INVOKE_CONFIG,
  type EventInvokeConfig,
  type InvocationOutcome,
} from './function-definition.ts';

/** AWS waits one, then two minutes before its retries; nobody wants to here. */
const RETRY_WAIT_MILLISECONDS = 50;

/** What the queue needs from the functions. */
export interface AsyncTarget {
  invoke(arn: string, payload: string): Promise<InvocationOutcome>;
  configOf(arn: string): EventInvokeConfig | undefined;
  deadLetterArnOf(arn: string): string | undefined;
  send(arn: string, payload: string): Promise<void>;
  warn(message: string): void;
}

/**
 * Asynchronous invocations (`InvocationType: Event`). An accepted event is in SQLite until its
 * function succeeded or its retries are used up, so it survives a killed process; like on AWS it
 * may then run twice.
 */
export class AsyncEvents {
  readonly #database: DatabaseSync;
  readonly #target: AsyncTarget;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(dataDirectory: string, target: AsyncTarget) {
    this.#database = openStateDatabase(dataDirectory, 'lambda');
    this.#database.exec(
      'CREATE TABLE IF NOT EXISTS async_events (id TEXT PRIMARY KEY, arn TEXT NOT NULL, payload TEXT NOT NULL)',
    );
    this.#target = target;
  }

  /** Stores the event and starts on it. `settled` resolves when it needs no more attempts. */
  accept(arn: string, payload: string): { readonly id: string; readonly settled: Promise<void> } {
    const id = randomUUID();
    this.#database
      .prepare('INSERT INTO async_events (id, arn, payload) VALUES (?, ?, ?)')
      .run(id, arn, payload);
    return { id, settled: this.#start(id, arn, payload) };
  }

  /** Takes up events that an earlier process accepted and did not finish. */
  resume(): void {
    const rows = this.#database.prepare('SELECT id, arn, payload FROM async_events').all();
    for (const row of rows) {
      void this.#start(String(row.id), String(row.arn), String(row.payload));
    }
  }

  /** Waits until no event is in work. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all(this.#running);
    }
  }

  /** Ends retrying; unfinished events stay stored. Kill the functions before waiting for this. */
  async stop(): Promise<void> {
    await this.settled();
    this.#database.close();
  }

  /** From now on an attempt that fails is left for the next process. */
  beginStop(): void {
    this.#stopping.abort();
  }

  #start(id: string, arn: string, payload: string): Promise<void> {
    const work = this.#process(id, arn, payload).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted)
        this.#target.warn(`asynchronous event ${id} for ${arn}: ${String(error)}`);
    });
    this.#running.add(work);
    return work.finally(() => this.#running.delete(work));
  }

  async #process(id: string, arn: string, payload: string): Promise<void> {
    const config = this.#target.configOf(arn) ?? DEFAULT_EVENT_INVOKE_CONFIG;
    let outcome: InvocationOutcome | undefined;
    for (let attempt = 0; attempt <= config.maximumRetryAttempts; attempt += 1) {
      if (attempt > 0) {
        await delay(RETRY_WAIT_MILLISECONDS, undefined, { signal: this.#stopping.signal }).catch(
          () => undefined,
        );
      }
      if (this.#stopping.signal.aborted) {
        return;
      }
      outcome = await this.#target.invoke(arn, payload);
      if (outcome.functionError === undefined) {
        break;
      }
    }
    if (outcome === undefined || (this.#stopping.signal.aborted && outcome.functionError)) {
      return;
    }
    await this.#passOn(arn, payload, outcome, config);
    this.#database.prepare('DELETE FROM async_events WHERE id = ?').run(id);
  }

  async #passOn(
    arn: string,
    payload: string,
    outcome: InvocationOutcome,
    config: EventInvokeConfig,
  ): Promise<void> {
    const failed = outcome.functionError !== undefined;
    const destination = failed ? config.onFailureArn : config.onSuccessArn;
    if (destination !== undefined) {
      await this.#target.send(destination, destinationRecord(arn, payload, outcome, config));
    }
    const deadLetterArn = this.#target.deadLetterArnOf(arn);
    if (failed && deadLetterArn !== undefined) {
      await this.#target.send(deadLetterArn, payload);
    }
  }
}

/** The record AWS sends to an on-failure or on-success destination. */
function destinationRecord(
  arn: string,
  payload: string,
  outcome: InvocationOutcome,
  config: EventInvokeConfig,
): string {
  const failed = outcome.functionError !== undefined;
  return JSON.stringify({
    version: '1.0',
    requestContext: {
      requestId: outcome.requestId,
      functionArn: `${arn}:$LATEST`,
      condition: failed ? 'RetriesExhausted' : 'Success',
      approximateInvokeCount: failed ? config.maximumRetryAttempts + 1 : 1,
    },
    requestPayload: JSON.parse(payload),
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      ...(failed ? { functionError: outcome.functionError } : {}),
    },
    responsePayload: JSON.parse(outcome.payload),
  });
}
