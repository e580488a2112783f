import type { ClockListener, LocalClock } from './clock.ts';
import { LocalAwsError } from './gateway/service.ts';
import { openStateDatabase } from './state-database.ts';

/** The embedded clock; `close` releases its file. */
export interface MovableClock extends LocalClock {
  close(): void;
}

/**
 * Opens the embedded clock, kept in `clock.sqlite` under `dataDirectory`: after a restart it is
 * still as far ahead as it was. Moves wait for each other; a listener must not move the clock
 * itself. A move is recorded before its listeners run, so whatever follows the clock must also
 * look at it when it starts.
 *
 * @param options.machineNow - milliseconds since 1970 by the machine's clock. Default: `Date.now`.
 */
export function openMovableClock(options: {
  dataDirectory: string;
  machineNow?: () => number;
}): MovableClock {
  const machineNow = options.machineNow ?? Date.now;
  const database = openStateDatabase(options.dataDirectory, 'clock');
  database.exec(
    `CREATE TABLE IF NOT EXISTS clock
       (id INTEGER PRIMARY KEY CHECK (id = 1), offset_ms INTEGER NOT NULL)`,
  );
  const row = database.prepare('SELECT offset_ms FROM clock WHERE id = 1').get();
  const save = database.prepare(
    `INSERT INTO clock (id, offset_ms) VALUES (1, ?)
     ON CONFLICT (id) DO UPDATE SET offset_ms = excluded.offset_ms`,
  );
  const listeners: ClockListener[] = [];
  let offsetMs = Number(row?.offset_ms ?? 0);
  let lastMove: Promise<void> = Promise.resolve();

  const now = (): Date => new Date(machineNow() + offsetMs);

  async function move(to: Date): Promise<void> {
    const from = now();
    if (Number.isNaN(to.getTime()) || to.getTime() < from.getTime()) {
      throw new LocalAwsError(
        'ValidationException',
        400,
        `the clock only moves forward; it is ${from.toISOString()}`,
      );
    }
    const moved = offsetMs + to.getTime() - from.getTime();
    save.run(moved);
    offsetMs = moved;
    await runListeners(listeners, from, to);
  }

  return {
    now,
    offset: () => offsetMs,
    moveTo(to) {
      const next = lastMove.then(() => move(to));
      lastMove = next.catch(() => undefined);
      return next;
    },
    onMove(listener) {
      listeners.push(listener);
    },
    close: () => database.close(),
  };
}

/** One listener's failure must not keep the others from following the clock. */
async function runListeners(
  listeners: readonly ClockListener[],
  from: Date,
  to: Date,
): Promise<void> {
  const errors: unknown[] = [];
  for (const listener of listeners) {
    try {
      await listener(from, to);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) {
    throw new AggregateError(errors, `the clock moved, but ${errors.length} listener(s) failed`);
  }
}
