/** Bytes that a function surely reads, writes anew in both copies and reads back in a second. */
const LEAST_BYTES_PER_SECOND = 20 * 1024 * 1024;

/** Left for recording what was written. */
const RESERVE_MS = 60_000;

/** AWS Lambda's limit, less the time a function may take to start and to look at a vault. */
const MOST_MS = 720_000;

/** The largest object that one invocation writes anew: larger ones are never begun. */
export const MOST_MOVED_BYTES = ((MOST_MS - RESERVE_MS) / 1000) * LEAST_BYTES_PER_SECOND;

/** @returns milliseconds that an invocation must have left to begin with so many bytes. */
export function timeToMove(bytes: number): number {
  return RESERVE_MS + (bytes / LEAST_BYTES_PER_SECOND) * 1000;
}

/**
 * How long an invocation has a move for itself: no function lives longer than 15 minutes, and what
 * read with the old keys when they were given up has ended then as well.
 */
export const FUNCTION_LIFE_MINUTES = 20;
