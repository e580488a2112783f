import { lockEnd } from './lock.ts';
import type { Policy } from './policy.ts';
import { type Rotation, rotate } from './rotation.ts';

/** When a snapshot was begun, for which points in time it stands, until when it is kept. */
export interface SnapshotDates extends Rotation {
  readonly createdAt: Date;
  /** End of the lock its objects are written with. */
  readonly lockedUntil: Date;
}

/** The same as ISO 8601 instants. */
export type SnapshotInstants = {
  readonly [Name in keyof SnapshotDates]: SnapshotDates[Name] extends Date
    ? string
    : SnapshotDates[Name];
};

/**
 * @param previousCreatedAt - when the snapshot before was begun; `null` for the first one.
 * @returns the dates that a policy gives a snapshot from its beginning.
 */
export function snapshotDates(
  { snapshots, lock, timeZone }: Pick<Policy, 'snapshots' | 'lock' | 'timeZone'>,
  createdAt: Date,
  previousCreatedAt: Date | null,
): SnapshotDates {
  const { tiers, retainUntil } = rotate(snapshots.keep, timeZone, createdAt, previousCreatedAt);
  return { createdAt, tiers, retainUntil, lockedUntil: lockEnd(retainUntil, lock.gridDays) };
}

/** @returns the dates as text; other fields of what is given are left out. */
export function toInstants({
  createdAt,
  tiers,
  retainUntil,
  lockedUntil,
}: SnapshotDates): SnapshotInstants {
  return {
    createdAt: createdAt.toISOString(),
    tiers,
    retainUntil: retainUntil.toISOString(),
    lockedUntil: lockedUntil.toISOString(),
  };
}

/** @returns the dates of their text; other fields of what is given are left out. */
export function fromInstants({
  createdAt,
  tiers,
  retainUntil,
  lockedUntil,
}: SnapshotInstants): SnapshotDates {
  return {
    createdAt: new Date(createdAt),
    tiers,
    retainUntil: new Date(retainUntil),
    lockedUntil: new Date(lockedUntil),
  };
}
