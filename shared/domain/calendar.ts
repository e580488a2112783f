import { addDays, compareLocalDates, daysInMonth, type LocalDate } from './local-date.ts';
import { lastDayAfter, lastDayFrom, PERMANENT, type Term } from './period.ts';
import { endOfDay } from './time-zone.ts';

/**
 * The last day of a year of accounts. A day that the month does not have stands for the month's
 * end, so that 29 February is the last of every February.
 */
export interface YearEnd {
  readonly month: number;
  readonly day: number;
}

/** The year of accounts in China (会计法 11), and the usual one elsewhere. */
export const CALENDAR_YEAR_END: YearEnd = { month: 12, day: 31 };

/**
 * What starts the clock of a rule:
 * - `fiscal-year`: the first day after the end of the event's fiscal year; it counts
 * - `calendar-year`: the same for the calendar year
 * - `event`: the event itself, whose own day does not count
 * - `never`: nothing, for what is permanent
 */
export type ClockStart = 'fiscal-year' | 'calendar-year' | 'event' | 'never';

/** How long, from when. */
export interface StartedTerm {
  readonly term: Term;
  readonly start: ClockStart;
}

/**
 * The last day on which a rule still asks to keep a record.
 * @param event - the record's own date for a rule that starts with a year; otherwise the day of
 * what starts the clock.
 * @returns `null` when it is kept for ever.
 */
export function lastDayKept(
  { term, start }: StartedTerm,
  event: LocalDate,
  fiscalYearEnd: YearEnd,
): LocalDate | null {
  if (term === PERMANENT || start === 'never') {
    return null;
  }
  return start === 'event'
    ? lastDayAfter(event, term)
    : lastDayFrom(firstDayCounted(start, event, fiscalYearEnd), term);
}

/** @returns the first day that counts, of a clock that an event starts. */
export function firstDayCounted(
  start: Exclude<ClockStart, 'never'>,
  event: LocalDate,
  fiscalYearEnd: YearEnd,
): LocalDate {
  if (start === 'event') {
    return addDays(event, 1);
  }
  return addDays(yearEndOf(event, start === 'fiscal-year' ? fiscalYearEnd : CALENDAR_YEAR_END), 1);
}

/** @returns the last day of the year of accounts that `date` falls in. */
export function yearEndOf(date: LocalDate, yearEnd: YearEnd): LocalDate {
  const thisYear = yearEndIn(date.year, yearEnd);
  return compareLocalDates(date, thisYear) <= 0 ? thisYear : yearEndIn(date.year + 1, yearEnd);
}

function yearEndIn(year: number, { month, day }: YearEnd): LocalDate {
  return { year, month, day: Math.min(day, daysInMonth(year, month)) };
}

/**
 * When a record may be, and where nothing else keeps it must be, erased: local midnight after the
 * last day kept.
 * @returns `null` when that is never.
 */
export function eraseDue(lastDay: LocalDate | null, timeZone: string): Date | null {
  return lastDay === null ? null : endOfDay(lastDay, timeZone);
}
