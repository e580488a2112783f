import { firstLock } from './lock.ts';
import type { Policy } from './policy.ts';
import type { PolicyPin } from './policy-records.ts';
import { type Rotation, rotate } from './rotation.ts';

/**
 * When a snapshot was begun, for which points in time it stands and until when it is kept, and by
 * which version of which policy.
 */
export interface SnapshotDates extends Rotation, PolicyPin {
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

/** What the dates of a snapshot depend on of the one before. */
export type Predecessor = PolicyPin & { readonly createdAt: string };

/**
 * @param previous - the snapshot before; `null` for the first one. After another version of a
 * policy the tiers begin anew: that version may have counted other periods, or none.
 * @returns the dates that a policy gives a snapshot from its beginning.
 */
export function snapshotDates(
  { id: policyId, version: policyVersion, snapshots, lock, timeZone }: Policy,
  createdAt: Date,
  previous: Predecessor | null,
): SnapshotDates {
  const continues = previous?.policyId === policyId && previous.policyVersion === policyVersion;
  const previousAt = continues ? new Date(previous.createdAt) : null;
  const { tiers, retainUntil } = rotate(snapshots.keep, timeZone, createdAt, previousAt);
  const lockedUntil = firstLock(lock, retainUntil, createdAt);
  return { policyId, policyVersion, createdAt, tiers, retainUntil, lockedUntil };
}

/** @returns the dates as text; other fields of what is given are left out. */
export function toInstants({
  policyId,
  policyVersion,
  createdAt,
  tiers,
  retainUntil,
  lockedUntil,
}: SnapshotDates): SnapshotInstants {
  return {
    policyId,
    policyVersion,
    createdAt: createdAt.toISOString(),
    tiers,
    retainUntil: retainUntil.toISOString(),
    lockedUntil: lockedUntil.toISOString(),
  };
}

/** @returns the dates of their text; other fields of what is given are left out. */
export function fromInstants({
  policyId,
  policyVersion,
  createdAt,
  tiers,
  retainUntil,
  lockedUntil,
}: SnapshotInstants): SnapshotDates {
  return {
    policyId,
    policyVersion,
    createdAt: new Date(createdAt),
    tiers,
    retainUntil: new Date(retainUntil),
    lockedUntil: new Date(lockedUntil),
  };
}
