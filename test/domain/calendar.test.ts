import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CALENDAR_YEAR_END,
  type ClockStart,
  eraseDue,
  lastDayKept,
  yearEndOf,
} from '../../shared/domain/calendar.ts';
import {
  addDays,
  compareLocalDates,
  daysInMonth,
  formatLocalDate,
  type LocalDate,
  parseLocalDate,
} from '../../shared/domain/local-date.ts';
import { PERMANENT } from '../../shared/domain/period.ts';
import { retentionOf } from '../../shared/domain/retention.ts';
import { localDateAt } from '../../shared/domain/time-zone.ts';
import { localDates, periods, timeZones } from './date-arbitrary.ts';
import { RETENTION_VECTORS } from './retention-vectors.ts';

const CHINA = { timeZone: 'Asia/Shanghai', fiscalYearEnd: CALENDAR_YEAR_END };

function day(text: string): LocalDate {
  const date = parseLocalDate(text);
  if (date === undefined) throw new Error(`${text} is no date`);
  return date;
}

const formatted = (date: LocalDate | null) => (date === null ? null : formatLocalDate(date));

const starts = fc.constantFrom<ClockStart>('fiscal-year', 'calendar-year', 'event');

const yearEnds = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }))
  .filter(([month, last]) => last <= daysInMonth(2000, month))
  .map(([month, last]) => ({ month, day: last }));

describe('the dates of the law', () => {
  test.each(RETENTION_VECTORS)('$record', ({ presetId, event, ...expected }) => {
    const retention = retentionOf({ ...CHINA, rules: [presetId] }, day(event));
    expect(formatted(retention.lastDayKept)).toBe(expected.lastDayKept);
    const due = retention.eraseDue;
    expect(due && formatLocalDate(localDateAt(due, CHINA.timeZone))).toBe(expected.eraseDue);
    // Local midnight in Shanghai is 16:00 of the day before in UTC.
    expect(due?.toISOString().slice(11) ?? null).toBe(due && '16:00:00.000Z');
  });
});

describe('a fiscal year', () => {
  test.each([
    ['2025-03-10', { month: 12, day: 31 }, '2025-12-31'],
    ['2025-12-31', { month: 12, day: 31 }, '2025-12-31'],
    ['2025-03-31', { month: 3, day: 31 }, '2025-03-31'],
    ['2025-04-01', { month: 3, day: 31 }, '2026-03-31'],
    ['2027-12-01', { month: 2, day: 29 }, '2028-02-29'],
    ['2024-12-01', { month: 2, day: 29 }, '2025-02-28'],
    ['2025-02-28', { month: 2, day: 29 }, '2025-02-28'],
  ])('with %s in it and ending on %j ends on %s', (date, yearEnd, end) => {
    expect(formatLocalDate(yearEndOf(day(date), yearEnd))).toBe(end);
  });

  test('that ends in February keeps leap days', () => {
    const rule = { term: { years: 30, months: 0, days: 0 }, start: 'fiscal-year' } as const;
    const last = lastDayKept(rule, day('2025-12-01'), { month: 2, day: 29 });
    expect(formatted(last)).toBe('2056-02-29');
  });

  test('moves only rules that start with it', () => {
    const term = { years: 10, months: 0, days: 0 };
    const june = { month: 6, day: 30 };
    const ends = (['fiscal-year', 'calendar-year', 'event'] as const).map((start) =>
      formatted(lastDayKept({ term, start }, day('2025-03-10'), june)),
    );
    expect(ends).toEqual(['2035-06-30', '2035-12-31', '2035-03-10']);
  });
});

describe('any rule', () => {
  test('never ends earlier for a later event', () => {
    fc.assert(
      fc.property(
        localDates,
        fc.nat(800),
        periods,
        starts,
        yearEnds,
        (event, later, term, start, yearEnd) => {
          const first = lastDayKept({ term, start }, event, yearEnd) as LocalDate;
          const second = lastDayKept({ term, start }, addDays(event, later), yearEnd) as LocalDate;
          expect(compareLocalDates(second, first)).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  test('keeps at least as long after a year as after an event', () => {
    fc.assert(
      fc.property(localDates, periods, yearEnds, (event, term, yearEnd) => {
        const ofYear = lastDayKept({ term, start: 'fiscal-year' }, event, yearEnd) as LocalDate;
        const ofEvent = lastDayKept({ term, start: 'event' }, event, yearEnd) as LocalDate;
        expect(compareLocalDates(ofYear, ofEvent)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('is due only when its last day is over in the zone', () => {
    fc.assert(
      fc.property(localDates, periods, starts, timeZones, (event, term, start, timeZone) => {
        const last = lastDayKept({ term, start }, event, CALENDAR_YEAR_END) as LocalDate;
        const due = eraseDue(last, timeZone) as Date;
        const before = localDateAt(new Date(due.getTime() - 1), timeZone);
        expect(compareLocalDates(before, last)).toBeLessThanOrEqual(0);
        expect(compareLocalDates(localDateAt(due, timeZone), last)).toBeGreaterThan(0);
      }),
    );
  });

  test('that is permanent ends never', () => {
    const rule = { term: PERMANENT, start: 'never' } as const;
    expect(lastDayKept(rule, day('2025-03-10'), CALENDAR_YEAR_END)).toBeNull();
    expect(eraseDue(null, 'Asia/Shanghai')).toBeNull();
  });
});
