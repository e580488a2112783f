import type { Policy } from './policy.ts';
import type { Vault } from './records.ts';
import { isReadable } from './states.ts';
import type { Verification } from './verification-records.ts';

const DAY_MS = 86_400_000;

/** A drill that failed, or of which nothing is heard, is tried again after this. */
const RETRY_DAYS = 1;

/** A drill: the newest snapshot of a vault, read and compared without anybody asking for it. */
export interface Drill {
  /** The deep verification that it is. */
  readonly verificationId: string;
  readonly startedAt: string;
  readonly state: Verification['state'];
  /** When the last drill that found everything whole ended; `null` when there was none. */
  readonly passedAt: string | null;
}

export interface DrillDue {
  /** Whether one is to be started now. */
  readonly isDue: boolean;
  /** Days since one should have passed. */
  readonly overdueDays: number;
}

/**
 * @returns whether a vault's next drill is due: `drillEveryDays` after the last one that passed, or
 * after the vault was registered. A vault without snapshots, or with keys that are not to be used,
 * or whose policy asks for none, has no drills.
 */
export function drillDue(
  vault: Pick<Vault, 'state' | 'createdAt' | 'lastSnapshotId' | 'drill'>,
  { drillEveryDays }: Pick<Policy, 'drillEveryDays'>,
  now: Date,
): DrillDue {
  const { drill, createdAt, state, lastSnapshotId } = vault;
  if (drillEveryDays === null || lastSnapshotId === null || !isReadable(state)) {
    return { isDue: false, overdueDays: 0 };
  }
  const days = daysSince(drill?.passedAt ?? createdAt, now) - drillEveryDays;
  const isResting = drill !== null && daysSince(drill.startedAt, now) < RETRY_DAYS;
  return { isDue: days >= 0 && !isResting, overdueDays: Math.max(0, days) };
}

/** @returns a vault's drill when a verification is begun as one. */
export function drillBegun(last: Drill | null, begun: Verification): Drill {
  const { verificationId, requestedAt: startedAt, state } = begun;
  return { verificationId, startedAt, state, passedAt: last?.passedAt ?? null };
}

/** @returns a vault's drill when a verification has ended, which may be another one. */
export function drillAfter(drill: Drill | null, ended: Verification): Drill | null {
  if (drill?.verificationId !== ended.verificationId) {
    return drill;
  }
  const { state, endedAt } = ended;
  return { ...drill, state, passedAt: state === 'SUCCEEDED' ? endedAt : drill.passedAt };
}

function daysSince(instant: string, now: Date): number {
  return (now.getTime() - Date.parse(instant)) / DAY_MS;
}
