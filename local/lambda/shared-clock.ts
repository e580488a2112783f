import type { LocalClock } from '../clock.ts';

/** The embedded clock's offset in memory that every function's worker reads. */
export interface SharedClock {
  readonly buffer: SharedArrayBuffer;
  /** Copies the clock's present offset into the shared memory. */
  refresh(): void;
}

/**
 * Shares a clock with workers. Subscribe before anything that invokes functions when the clock
 * moves, so that those functions already see the new time.
 */
export function shareClock(clock: LocalClock): SharedClock {
  const buffer = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const offset = new BigInt64Array(buffer);
  const refresh = (): void => {
    Atomics.store(offset, 0, BigInt(Math.round(clock.offset())));
  };
  refresh();
  clock.onMove(async () => refresh());
  return { buffer, refresh };
}
