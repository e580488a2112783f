import { daysAfter, lockEnd } from './lock.ts';
import type { Policy } from './policy.ts';

/** When a snapshot was begun, and until when it is kept and locked. */
export interface SnapshotDates {
  readonly createdAt: Date;
  readonly retainUntil: Date;
  /** The grid point at or after `retainUntil`. */
  readonly lockedUntil: Date;
}

/** The same as ISO 8601 instants. */
export type SnapshotInstants = { readonly [Name in keyof SnapshotDates]: string };

/** @returns the dates that a policy gives a snapshot from its beginning. */
export function snapshotDates(
  { snapshots, lock }: Pick<Policy, 'snapshots' | 'lock'>,
  createdAt: Date,
): SnapshotDates {
  const retainUntil = daysAfter(createdAt, snapshots.keepDays);
  return { createdAt, retainUntil, lockedUntil: lockEnd(retainUntil, lock.gridDays) };
}

/** @returns the dates as text; other fields of what is given are left out. */
export function toInstants({
  createdAt,
  retainUntil,
  lockedUntil,
}: SnapshotDates): SnapshotInstants {
  return {
    createdAt: createdAt.toISOString(),
    retainUntil: retainUntil.toISOString(),
    lockedUntil: lockedUntil.toISOString(),
  };
}

/** @returns the dates of their text; other fields of what is given are left out. */
export function fromInstants({
  createdAt,
  retainUntil,
  lockedUntil,
}: SnapshotInstants): SnapshotDates {
  return {
    createdAt: new Date(createdAt),
    retainUntil: new Date(retainUntil),
    lockedUntil: new Date(lockedUntil),
  };
}
