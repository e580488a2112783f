import { destructionBegan } from './destruction-began.ts';
import type { Erasure } from './erasure-records.ts';
import { daysAfter } from './lock.ts';
import type { Vault } from './records.ts';

const HOUR_MS = 3_600_000;

/** Days in which others approve or withdraw a request. No law names a number; a week is noticed. */
export const REQUEST_DAYS = 7;

/** Two passes of the hourly run, and one that fails. */
const STEP_HOURS = 3;

/**
 * After KMS's own date: up to 24 hours that KMS takes longer, 24 in which EventBridge repeats a
 * delivery, and the passes after that.
 */
const DESTRUCTION_HOURS = 48 + STEP_HOURS;

/**
 * Hours by which an erasure is past the time its next step should have been taken.
 * @returns 0 when it is in time, has ended, or waits for the release of a hold.
 */
export function hoursOverdue({ holds }: Pick<Vault, 'holds'>, erasure: Erasure, now: Date): number {
  const waits = holds > 0 && destructionBegan(erasure) === null;
  const deadline = waits ? null : deadlineOf(erasure);
  const late = deadline === null ? 0 : now.getTime() - deadline.getTime();
  return Math.max(0, late / HOUR_MS);
}

function deadlineOf(erasure: Erasure): Date | null {
  const { state, requestedAt, approvedAt, graceUntil } = erasure;
  switch (state) {
    case 'REQUESTED':
      return daysAfter(new Date(requestedAt), REQUEST_DAYS);
    case 'APPROVED':
      return hoursAfter(approvedAt, STEP_HOURS);
    case 'SUSPENDED':
      return hoursAfter(graceUntil, STEP_HOURS);
    case 'SCHEDULED':
      return hoursAfter(latest(datesOf(erasure)) ?? graceUntil, DESTRUCTION_HOURS);
    case 'DESTROYING':
      return hoursAfter(erasure.destroyingAt, STEP_HOURS);
    case 'CANCELLING':
      return hoursAfter(latest(erasure.cancellations.map(({ at }) => at)), STEP_HOURS);
    case 'DESTROYED':
      return hoursAfter(latest(knownSince(erasure)), STEP_HOURS);
    default:
      return null;
  }
}

function datesOf({ deletionDates }: Erasure): string[] {
  return [deletionDates?.primary, deletionDates?.secondary].flatMap((date) => date ?? []);
}

/** When it was known of each key that it is destroyed; an event may come a day after its time. */
function knownSince({ evidence }: Erasure): string[] {
  return [evidence.primary, evidence.secondary].flatMap((found) => {
    if (found === null) {
      return [];
    }
    return found.kind === 'event'
      ? daysAfter(new Date(found.eventTime), 1).toISOString()
      : found.observedAt;
  });
}

function latest(instants: readonly string[]): string | null {
  return instants.toSorted().at(-1) ?? null;
}

function hoursAfter(instant: string | null, hours: number): Date | null {
  return instant === null ? null : new Date(Date.parse(instant) + hours * HOUR_MS);
}
