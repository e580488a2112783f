import fc from 'fast-check';
import { addDays, daysInMonth, type LocalDate } from '../../shared/domain/local-date.ts';
import type { Period } from '../../shared/domain/period.ts';

const ORIGIN: LocalDate = { year: 1970, month: 1, day: 1 };

/** Any day of 1970 to 2119, with ends of months and leap days more often than they come. */
export const localDates: fc.Arbitrary<LocalDate> = fc.oneof(
  fc.nat(54_787).map((days) => addDays(ORIGIN, days)),
  fc
    .tuple(fc.integer({ min: 1970, max: 2119 }), fc.integer({ min: 1, max: 12 }))
    .map(([year, month]) => ({ year, month, day: daysInMonth(year, month) })),
);

/** Periods as laws have them, and odd ones. */
export const periods: fc.Arbitrary<Period> = fc.record({
  years: fc.nat(40),
  months: fc.nat(30),
  days: fc.oneof(fc.constant(0), fc.nat(60)),
});

/** Every time zone this machine knows. */
export const timeZones: fc.Arbitrary<string> = fc.constantFrom(
  ...Intl.supportedValuesOf('timeZone'),
);
