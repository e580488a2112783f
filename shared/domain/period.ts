import { addDays, daysBetween, daysInMonth, type LocalDate } from './local-date.ts';

/** A length of time by the calendar: `P30Y`, `P6M`, `P1Y6M`, `P2W`, `P0D`. */
export interface Period {
  readonly years: number;
  readonly months: number;
  /** Weeks count as 7 days each. */
  readonly days: number;
}

/** What never ends. */
export const PERMANENT = 'PERMANENT';

/** How long something is kept. */
export type Term = Period | typeof PERMANENT;

/** Up to 999 years and 999 months; ISO 8601 without times of day, signs and fractions. */
const ISO_PERIOD = /^P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,5})D)?$/;

const MONTHS = 12;

/** @returns the term that `text` names; `undefined` when it is none. */
export function parseTerm(text: string): Term | undefined {
  if (text === PERMANENT) {
    return PERMANENT;
  }
  const found = ISO_PERIOD.exec(text);
  if (found === null) {
    return undefined;
  }
  const [years = 0, months = 0, weeks = 0, days = 0] = found
    .slice(1)
    .map((digits: string | undefined) => Number(digits ?? 0));
  return { years, months, days: weeks * 7 + days };
}

/**
 * The last day of a period that begins with an event on `date`. The day of the event does not
 * count; the last day is the one that corresponds to it, and where the month has no such day, the
 * end of the month (民法典 201 and 202): 29 February and one year give 28 February.
 */
export function lastDayAfter(date: LocalDate, period: Period): LocalDate {
  const months = period.years * MONTHS + period.months;
  return addDays(sameDayAfter(date, months), period.days);
}

/**
 * The last day of a period whose first day is `first` and counts: the day before the corresponding
 * one, and where the month has no such day, the end of the month. Six months from 31 August end on
 * the last of February, not a day earlier.
 */
export function lastDayFrom(first: LocalDate, period: Period): LocalDate {
  const { year, month } = monthAfter(first, period);
  const length = daysInMonth(year, month);
  const lastOfMonths =
    first.day > length
      ? { year, month, day: length }
      : addDays({ year, month, day: first.day }, -1);
  return addDays(lastOfMonths, period.days);
}

/** @returns years after years and months after months, before any day is looked at. */
function monthAfter(date: LocalDate, { years, months }: Period): { year: number; month: number } {
  const count = (date.year + years) * MONTHS + (date.month - 1) + months;
  return { year: Math.floor(count / MONTHS), month: (count % MONTHS) + 1 };
}

/**
 * @returns the whole years and months from one day to another, and the days left over; no time when
 * the second is not later.
 */
export function timeBetween(from: LocalDate, to: LocalDate): Period {
  const whole = (to.year - from.year) * MONTHS + to.month - from.month;
  for (const months of [whole, whole - 1]) {
    const reached = sameDayAfter(from, months);
    const days = daysBetween(reached, to);
    if (months >= 0 && days >= 0) {
      return { years: Math.floor(months / MONTHS), months: months % MONTHS, days };
    }
  }
  return { years: 0, months: 0, days: 0 };
}

/** @returns the corresponding day months later; the month's end where it has no such day. */
function sameDayAfter(date: LocalDate, months: number): LocalDate {
  const { year, month } = monthAfter(date, { years: 0, months, days: 0 });
  return { year, month, day: Math.min(date.day, daysInMonth(year, month)) };
}

/** @returns a term in words: `30 years`, `1 year 6 months`, `permanent`, `no time`. */
export function describeTerm(term: Term): string {
  if (term === PERMANENT) {
    return 'permanent';
  }
  const parts = (['years', 'months', 'days'] as const)
    .filter((unit) => term[unit] > 0)
    .map((unit) => `${term[unit]} ${term[unit] === 1 ? unit.slice(0, -1) : unit}`);
  return parts.length === 0 ? 'no time' : parts.join(' ');
}

/**
 * Orders terms by their length from one same day; a month counts as a twelfth of a mean year. Good
 * enough to name the longest of several: which one ends last is for the calendar to say.
 */
export function compareTerms(left: Term, right: Term): number {
  return Math.sign(meanDays(left) - meanDays(right)) || 0;
}

/** @returns whether a term is longer than no time at all. */
export function lastsAnyTime(term: Term): boolean {
  return meanDays(term) > 0;
}

function meanDays(term: Term): number {
  const yearDays = 365.2425;
  return term === PERMANENT
    ? Number.MAX_VALUE
    : (term.years + term.months / MONTHS) * yearDays + term.days;
}
