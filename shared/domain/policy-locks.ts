import type { PerCopy } from './copy-name.ts';
import { HoldfastError } from './errors.ts';
import { rollingReachDays } from './lock.ts';
import type { Policy } from './policy.ts';
import { findRegion } from './regions.ts';
import { type Keep, TIERS, type Tier } from './rotation.ts';

/** Locks that reach further than this many days need a second person: nobody can undo them. */
const LONGEST_LONE_LOCK_DAYS = 365;

/** Most days of a period of each tier; the one a snapshot lies in counts as a whole one. */
export const PERIOD_DAYS: Readonly<Record<Tier, number>> = {
  hourly: 1 / 24,
  daily: 1,
  weekly: 7,
  monthly: 31,
  yearly: 366,
};

/** @returns how many days a snapshot is kept at most, rounded up. */
export function longestKeptDays(keep: Keep): number {
  const days = TIERS.filter((tier) => keep[tier] > 0).map(
    (tier) => (keep[tier] + 1) * PERIOD_DAYS[tier],
  );
  return Math.ceil(Math.max(...days));
}

/**
 * @returns how many days ahead a policy's locks reach at most. Rounding up to the grid adds nearly
 * a whole step of it to a lock that has just missed a point.
 */
export function lockReachDays({ lock, snapshots }: Pick<Policy, 'lock' | 'snapshots'>): number {
  const rolling = rollingReachDays(lock);
  const kept = lock.mode === 'full' ? longestKeptDays(snapshots.keep) : 0;
  return Math.max(kept, rolling) + lock.gridDays;
}

/** @returns how far ahead a policy's locks reach at most, such as `97 days`. */
export function describeReach(policy: Pick<Policy, 'lock' | 'snapshots'>): string {
  return `${lockReachDays(policy)} days`;
}

/** @returns whether a second person must approve a policy before a vault is given it. */
export function needsSecondPerson(policy: Pick<Policy, 'lock' | 'snapshots'>): boolean {
  return lockReachDays(policy) > LONGEST_LONE_LOCK_DAYS;
}

/** What an installation sets to every policy. */
export interface PolicyBounds {
  /** Longest lock in days that the copies accept. */
  readonly maxLockDays: number;
  readonly regions: PerCopy<string>;
}

/**
 * @throws HoldfastError `LOCK_OVER_CAP` when the copies would refuse the policy's locks,
 * `RESIDENCY_UNMET` when a copy lies outside the jurisdiction that it asks for.
 */
export function requireFits(policy: Policy, { maxLockDays, regions }: PolicyBounds): void {
  const { id: policyId, version, residency } = policy;
  const days = lockReachDays(policy);
  if (days > maxLockDays) {
    throw new HoldfastError('LOCK_OVER_CAP', { policyId, version, days, maxLockDays });
  }
  for (const region of Object.values(regions)) {
    if (residency !== null && findRegion(region)?.jurisdiction !== residency) {
      throw new HoldfastError('RESIDENCY_UNMET', { policyId, version, residency, region });
    }
  }
}
