import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  compareLocalDates,
  daysInMonth,
  formatLocalDate,
  type LocalDate,
  parseLocalDate,
} from '../../shared/domain/local-date.ts';
import {
  compareTerms,
  describeTerm,
  lastDayAfter,
  lastDayFrom,
  PERMANENT,
  type Period,
  parseTerm,
  timeBetween,
} from '../../shared/domain/period.ts';
import { localDates, periods } from './date-arbitrary.ts';

function period(text: string): Period {
  const term = parseTerm(text);
  if (term === undefined || term === PERMANENT) throw new Error(`${text} is no period`);
  return term;
}

function day(text: string): LocalDate {
  const date = parseLocalDate(text);
  if (date === undefined) throw new Error(`${text} is no date`);
  return date;
}

describe('a term', () => {
  test.each([
    ['P30Y', { years: 30, months: 0, days: 0 }],
    ['P6M', { years: 0, months: 6, days: 0 }],
    ['P1Y6M', { years: 1, months: 6, days: 0 }],
    ['P2W', { years: 0, months: 0, days: 14 }],
    ['P1Y2M3W4D', { years: 1, months: 2, days: 25 }],
    ['P0D', { years: 0, months: 0, days: 0 }],
    ['PERMANENT', PERMANENT],
  ])('%s is read', (text, term) => {
    expect(parseTerm(text)).toEqual(term);
  });

  test.each(['', 'P', '30Y', 'P30', 'P-1Y', 'P1.5Y', 'PT5H', 'P1YT5H', 'P6M1Y', 'p1y', 'P1000Y'])(
    '%j is none',
    (text) => {
      expect(parseTerm(text)).toBeUndefined();
    },
  );

  test.each([
    ['P30Y', '30 years'],
    ['P1Y6M', '1 year 6 months'],
    ['P1D', '1 day'],
    ['P0D', 'no time'],
    ['PERMANENT', 'permanent'],
  ])('%s is called %s', (text, words) => {
    expect(describeTerm(parseTerm(text) ?? PERMANENT)).toBe(words);
  });

  test('is ordered by its length, and nothing is longer than what is permanent', () => {
    const terms = ['PERMANENT', 'P30Y', 'P6M', 'P10Y', 'P0D', 'P2W', 'P18M', 'P1Y'];
    const sorted = terms.toSorted((left, right) =>
      compareTerms(parseTerm(left) ?? PERMANENT, parseTerm(right) ?? PERMANENT),
    );
    expect(sorted).toEqual(['P0D', 'P2W', 'P6M', 'P1Y', 'P18M', 'P10Y', 'P30Y', 'PERMANENT']);
  });
});

describe('a period after an event', () => {
  test.each([
    ['2026-03-15', 'P5Y', '2031-03-15'],
    ['2024-02-29', 'P1Y', '2025-02-28'],
    ['2024-02-29', 'P4Y', '2028-02-29'],
    ['2024-02-29', 'P30Y', '2054-02-28'],
    ['2025-01-31', 'P1M', '2025-02-28'],
    ['2025-08-31', 'P6M', '2026-02-28'],
    ['2025-12-31', 'P1Y6M', '2027-06-30'],
    ['2025-11-23', 'P0D', '2025-11-23'],
    ['2025-01-31', 'P1M1D', '2025-03-01'],
  ])('from %s, %s, ends with %s', (event, length, last) => {
    expect(formatLocalDate(lastDayAfter(day(event), period(length)))).toBe(last);
  });

  test('ends on the corresponding day, or on the last of a month that has no such day', () => {
    const wholeMonths = periods.map((any) => ({ ...any, days: 0 }));
    fc.assert(
      fc.property(localDates, wholeMonths, (event, length) => {
        const last = lastDayAfter(event, length);
        const months = (date: LocalDate) => date.year * 12 + date.month;
        expect(months(last) - months(event)).toBe(length.years * 12 + length.months);
        expect(last.day).toBe(Math.min(event.day, daysInMonth(last.year, last.month)));
      }),
    );
  });

  test('never ends earlier for a later event, nor for a longer period', () => {
    fc.assert(
      fc.property(localDates, periods, fc.nat(400), fc.nat(5), (event, length, later, more) => {
        const last = lastDayAfter(event, length);
        const ofLater = lastDayAfter(addDays(event, later), length);
        const ofLonger = lastDayAfter(event, { ...length, months: length.months + more });
        expect(compareLocalDates(ofLater, last)).toBeGreaterThanOrEqual(0);
        expect(compareLocalDates(ofLonger, last)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('a period that begins with a day', () => {
  test.each([
    ['2026-01-01', 'P30Y', '2055-12-31'],
    ['2026-03-01', 'P2Y', '2028-02-29'],
    ['2024-02-29', 'P1Y', '2025-02-28'],
    ['2025-08-31', 'P6M', '2026-02-28'],
    ['2025-08-30', 'P6M', '2026-02-28'],
    ['2025-08-29', 'P6M', '2026-02-28'],
    ['2025-08-28', 'P6M', '2026-02-27'],
    ['2026-01-01', 'P6M', '2026-06-30'],
  ])('%s and lasts %s ends with %s', (first, length, last) => {
    expect(formatLocalDate(lastDayFrom(day(first), period(length)))).toBe(last);
  });

  test('never ends earlier for a later first day', () => {
    fc.assert(
      fc.property(localDates, periods, fc.nat(400), (first, length, later) => {
        const last = lastDayFrom(first, length);
        const ofLater = lastDayFrom(addDays(first, later), length);
        expect(compareLocalDates(ofLater, last)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('ends at most a day before the same period after an event on that day', () => {
    fc.assert(
      fc.property(localDates, periods, (first, length) => {
        const after = lastDayAfter(first, length);
        const from = lastDayFrom(first, length);
        expect([formatLocalDate(after), formatLocalDate(addDays(after, -1))]).toContain(
          formatLocalDate(from),
        );
      }),
    );
  });
});

describe('the time between two days', () => {
  test.each([
    ['2016-01-01', '2026-01-11', 'P10Y10D'],
    ['2024-02-29', '2025-02-28', 'P1Y'],
    ['2024-01-31', '2024-02-29', 'P1M'],
    ['2024-01-30', '2024-03-29', 'P1M29D'],
    ['2024-12-15', '2025-01-14', 'P30D'],
    ['2024-05-05', '2024-05-05', 'P0D'],
    ['2024-05-05', '2023-01-01', 'P0D'],
  ])('%s to %s is %s', (from, to, expected) => {
    expect(timeBetween(day(from), day(to))).toEqual(period(expected));
  });

  test('leads from the first to the second', () => {
    fc.assert(
      fc.property(localDates, localDates, (one, other) => {
        const [from = one, to = other] = [one, other].toSorted(compareLocalDates);
        expect(lastDayAfter(from, timeBetween(from, to))).toEqual(to);
      }),
    );
  });
});
