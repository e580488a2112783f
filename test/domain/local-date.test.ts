import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  compareLocalDates,
  daysInMonth,
  formatLocalDate,
  parseLocalDate,
} from '../../shared/domain/local-date.ts';
import { localDates } from './date-arbitrary.ts';

describe('a date', () => {
  test.each([
    ['2025-03-10', { year: 2025, month: 3, day: 10 }],
    ['2024-02-29', { year: 2024, month: 2, day: 29 }],
    ['1900-01-01', { year: 1900, month: 1, day: 1 }],
    ['2999-12-31', { year: 2999, month: 12, day: 31 }],
  ])('%s is read', (text, date) => {
    expect(parseLocalDate(text)).toEqual(date);
  });

  test.each([
    '2025-02-29',
    '1900-02-29',
    '2025-04-31',
    '2025-13-01',
    '2025-00-10',
    '2025-01-00',
    '1899-12-31',
    '3000-01-01',
    '2025-3-10',
    '20250310',
    '2025-03-10T00:00:00Z',
    ' 2025-03-10',
    '',
  ])('%j is none', (text) => {
    expect(parseLocalDate(text)).toBeUndefined();
  });

  test('survives being written and read', () => {
    fc.assert(
      fc.property(localDates, (date) => {
        expect(parseLocalDate(formatLocalDate(date))).toEqual(date);
      }),
    );
  });
});

test('days are counted over ends of months, leap days and years', () => {
  expect(addDays({ year: 2024, month: 2, day: 28 }, 1)).toEqual({ year: 2024, month: 2, day: 29 });
  expect(addDays({ year: 2025, month: 2, day: 28 }, 1)).toEqual({ year: 2025, month: 3, day: 1 });
  expect(addDays({ year: 2025, month: 1, day: 1 }, -1)).toEqual({ year: 2024, month: 12, day: 31 });
  expect(addDays({ year: 2025, month: 1, day: 1 }, 365)).toEqual({ year: 2026, month: 1, day: 1 });
});

test('February has 29 days every four years, but not in 1900 and 2100', () => {
  expect([1900, 2000, 2023, 2024, 2100].map((year) => daysInMonth(year, 2))).toEqual([
    28, 29, 28, 29, 28,
  ]);
});

test('dates are ordered as their texts are', () => {
  fc.assert(
    fc.property(localDates, localDates, (left, right) => {
      const [a, b] = [formatLocalDate(left), formatLocalDate(right)];
      expect(Math.sign(compareLocalDates(left, right))).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
  );
});
