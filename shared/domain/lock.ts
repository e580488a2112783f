const DAY_MS = 86_400_000;

/**
 * Days before a lock would fall under its minimum at which it is extended. The renewal runs daily,
 * so it may fail for nearly a week before any object is locked for less than the policy says.
 */
export const RENEW_AHEAD_DAYS = 7;

/** What a policy says of locks. */
export interface LockRule {
  /** `rolling`: extended as time goes on; `full`: to the end of the snapshot from its first day. */
  readonly mode: 'rolling' | 'full';
  /** Days that an object stays locked from any moment on, unless its snapshot ends earlier. */
  readonly minimumDays: number;
  /** Days that a rolling lock reaches ahead, before it is rounded up to the grid. */
  readonly horizonDays: number;
  /** Locks end on multiples of this many days since 1970-01-01T00:00Z. */
  readonly gridDays: number;
}

/** How long something is kept. */
export interface Keeping {
  /** The latest end that was decided when a snapshot that needs it was begun. */
  readonly promised: Date;
  /** The end as it stands now; `null`: nobody knows it yet, as under a hold. */
  readonly until: Date | null;
}

/**
 * The end of an object's lock: the first grid point at or after `needed`, so that many objects
 * share one date and a lock is extended at most once per grid step.
 * @param gridDays - distance of grid points in days, counted from 1970-01-01T00:00Z.
 */
function lockEnd(needed: Date, gridDays: number): Date {
  const step = gridDays * DAY_MS;
  return new Date(Math.ceil(needed.getTime() / step) * step);
}

/** @returns the end of the lock an object is written with. */
export function firstLock(rule: LockRule, retainUntil: Date, now: Date): Date {
  return nextLock(rule, { promised: retainUntil, until: retainUntil }, now);
}

/** @returns the end of the lock an object is to get now, if it is to get another one. */
export function nextLock(rule: LockRule, keeping: Keeping, now: Date): Date {
  const reach = daysAfter(now, rollingReachDays(rule));
  return lockEnd(endWithin(rule, keeping, reach), rule.gridDays);
}

/**
 * @returns how many days ahead a rolling lock reaches before it is rounded up to the grid: never
 * less than its renewal needs.
 */
export function rollingReachDays({
  horizonDays,
  minimumDays,
}: Pick<LockRule, 'horizonDays' | 'minimumDays'>): number {
  return Math.max(horizonDays, minimumDays + RENEW_AHEAD_DAYS);
}

/** What a snapshot asks of the locks of objects that it carries forward. */
export interface CarriedLock {
  /** A lock that ends before this is extended. */
  readonly needed: Date;
  readonly until: Date;
}

/** @returns what a snapshot that is begun now asks of objects that were written before. */
export function carriedLock(rule: LockRule, retainUntil: Date, now: Date): CarriedLock {
  const keeping = { promised: retainUntil, until: retainUntil };
  return { needed: lockDueBelow(rule, keeping, now), until: nextLock(rule, keeping, now) };
}

/** @returns the least end of an object's lock with which it is safe now. */
export function lockNeeded(rule: LockRule, keeping: Keeping, now: Date): Date {
  return endWithin(rule, keeping, daysAfter(now, rule.minimumDays));
}

/** @returns whether an object's lock is to be extended now. */
export function isLockDue(rule: LockRule, keeping: Keeping, lockedUntil: Date, now: Date): boolean {
  return lockedUntil < lockDueBelow(rule, keeping, now);
}

/**
 * @returns by how many days the extension of a lock is late: 0 right after the renewal, and more
 * than `RENEW_AHEAD_DAYS` once the object is locked for less than it must be.
 */
export function lockDelayDays(
  rule: LockRule,
  keeping: Keeping,
  lockedUntil: Date,
  now: Date,
): number {
  const due = lockDueBelow(rule, keeping, now);
  return Math.max(0, (due.getTime() - lockedUntil.getTime()) / DAY_MS);
}

/** @returns the instant `days` times 24 hours after `from`. */
export function daysAfter(from: Date, days: number): Date {
  return new Date(from.getTime() + days * DAY_MS);
}

function lockDueBelow(rule: LockRule, keeping: Keeping, now: Date): Date {
  return lockNeeded(rule, keeping, daysAfter(now, RENEW_AHEAD_DAYS));
}

function endWithin({ mode }: LockRule, { promised, until }: Keeping, reach: Date): Date {
  const rolling = until === null || until > reach ? reach : until;
  return mode === 'full' && promised > rolling ? promised : rolling;
}
