const DAY_MS = 86_400_000;

/**
 * The end of an object's lock: the first grid point at or after `needed`, so that many objects
 * share one date and a lock is extended at most once per grid step.
 * @param gridDays - distance of grid points in days, counted from 1970-01-01T00:00Z.
 */
export function lockEnd(needed: Date, gridDays: number): Date {
  const step = gridDays * DAY_MS;
  return new Date(Math.ceil(needed.getTime() / step) * step);
}

/** @returns the instant `days` times 24 hours after `from`. */
export function daysAfter(from: Date, days: number): Date {
  return new Date(from.getTime() + days * DAY_MS);
}
