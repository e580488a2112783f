import { HoldfastError } from '../domain/errors.ts';
import {
  compareLocalDates,
  daysBetween,
  type LocalDate,
  parseLocalDate,
  utcDateOf,
} from '../domain/local-date.ts';
import { localDateAt } from '../domain/time-zone.ts';

/** Where a day begins first: UTC+14. */
const FIRST_ZONE = 'Pacific/Kiritimati';

/** Days before the last snapshot after which a day is more likely mistyped than meant. */
const LONG_AGO_DAYS = 366;

/** @throws HoldfastError `INPUT_INVALID` unless it is a date; the API has checked it before. */
export function requireDate(text: string): LocalDate {
  const date = parseLocalDate(text);
  if (date === undefined) {
    throw new HoldfastError('INPUT_INVALID', { problems: 'the event must be a date' });
  }
  return date;
}

/**
 * Nothing has ended yet on a day that has begun nowhere.
 * @throws HoldfastError `EVENT_IN_FUTURE`; `INPUT_INVALID` unless it is a date.
 */
export function requirePastDate(text: string, now: Date): LocalDate {
  const date = requireDate(text);
  if (compareLocalDates(date, localDateAt(now, FIRST_ZONE)) > 0) {
    throw new HoldfastError('EVENT_IN_FUTURE', { event: text });
  }
  return date;
}

/** @returns whether a day lies so long before the last snapshot that somebody must confirm it. */
export function isLongAgo(event: LocalDate, lastSnapshotAt: string | null): boolean {
  return (
    lastSnapshotAt !== null &&
    daysBetween(event, utcDateOf(new Date(lastSnapshotAt))) > LONG_AGO_DAYS
  );
}
