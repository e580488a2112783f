import { z } from 'zod';

/**
 * A day of the Gregorian calendar without time or zone, as laws and documents name it. A plain
 * value: months are 1 to 12, days 1 to 31.
 */
export interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/**
 * Years a date that somebody gives may lie in. With the longest period (see `period.ts`) every end
 * still has four digits, as ISO 8601 wants them.
 */
const YEARS = { first: 1900, last: 2999 } as const;

const DAY_MS = 86_400_000;

/** @returns the date that `text` names, such as `2025-03-10`; `undefined` when it is none. */
export function parseLocalDate(text: string): LocalDate | undefined {
  const [, year, month, day] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) {
    return undefined;
  }
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  const inRange = year >= YEARS.first && year <= YEARS.last;
  return exists && inRange ? { year, month, day } : undefined;
}

/** Text that is a date; says what one looks like when it is not. */
export const localDateText = z.string().refine((text) => parseLocalDate(text) !== undefined, {
  error: `must be a date such as 2025-03-10, of the years ${YEARS.first} to ${YEARS.last}`,
});

/** @returns the date in ISO 8601: `2025-03-10`. */
export function formatLocalDate({ year, month, day }: LocalDate): string {
  const [yyyy, mm, dd] = [String(year).padStart(4, '0'), twoDigits(month), twoDigits(day)];
  return `${yyyy}-${mm}-${dd}`;
}

/** @returns less than, equal to or greater than 0, as `left` is before, at or after `right`. */
export function compareLocalDates(left: LocalDate, right: LocalDate): number {
  return left.year - right.year || left.month - right.month || left.day - right.day;
}

/** @returns the number of days of a month. */
export function daysInMonth(year: number, month: number): number {
  // Day 0 of the next month is the last day of this one; years here are never below 100.
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** @returns the date that many days later; earlier when `days` is negative. */
export function addDays(date: LocalDate, days: number): LocalDate {
  return utcDateOf(new Date(utcMidnight(date).getTime() + days * DAY_MS));
}

/** @returns how many days after `from` the date `to` is; negative when it is before. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return (utcMidnight(to).getTime() - utcMidnight(from).getTime()) / DAY_MS;
}

/** @returns midnight in UTC at the start of a date. */
export function utcMidnight({ year, month, day }: LocalDate): Date {
  return new Date(Date.UTC(year, month - 1, day));
}

/** @returns the date that UTC shows at an instant. */
export function utcDateOf(instant: Date): LocalDate {
  return {
    year: instant.getUTCFullYear(),
    month: instant.getUTCMonth() + 1,
    day: instant.getUTCDate(),
  };
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
