import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { addDays, compareLocalDates, parseLocalDate } from '../../shared/domain/local-date.ts';
import { endOfDay, isTimeZone, localDateAt } from '../../shared/domain/time-zone.ts';
import { localDates, timeZones } from './date-arbitrary.ts';

const HOUR_MS = 3_600_000;

const machineZone = process.env.TZ;

afterEach(() => {
  if (machineZone === undefined) {
    delete process.env.TZ;
  } else {
    process.env.TZ = machineZone;
  }
});

function endOf(date: string, timeZone: string): string {
  const parsed = parseLocalDate(date);
  if (parsed === undefined) throw new Error(`${date} is no date`);
  return endOfDay(parsed, timeZone).toISOString();
}

describe('a day ends', () => {
  test.each([
    ['at midnight', 'Asia/Shanghai', '2055-12-31', '2055-12-31T16:00:00.000Z'],
    ['at midnight of summer time', 'Europe/Berlin', '2026-06-30', '2026-06-30T22:00:00.000Z'],
    ['at midnight of winter time', 'Europe/Berlin', '2026-12-31', '2026-12-31T23:00:00.000Z'],
    ['with a quarter hour', 'Asia/Kathmandu', '2026-01-31', '2026-01-31T18:15:00.000Z'],
    // Clocks go from 0:00 to 1:00.
    [
      'at 1:00 where midnight is skipped',
      'America/Havana',
      '2024-03-09',
      '2024-03-10T05:00:00.000Z',
    ],
    // Clocks go from 24:00 to 23:00: the day has 25 hours.
    [
      'an hour later at the end of summer',
      'Africa/Cairo',
      '2024-10-31',
      '2024-10-31T22:00:00.000Z',
    ],
    // Clocks went from 0:01 back to 23:01 of the day before.
    ['at its second midnight', 'America/St_Johns', '2006-10-28', '2006-10-29T03:30:00.000Z'],
    // Samoa crossed the date line and had no 30 December.
    ['where it began when it is skipped', 'Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z'],
    // China had summer time until 1991.
    ['by the clocks of its year', 'Asia/Shanghai', '1990-07-01', '1990-07-01T15:00:00.000Z'],
  ])('%s (%s, %s)', (_how, timeZone, date, instant) => {
    expect(endOf(date, timeZone)).toBe(instant);
  });

  test('never early, in no zone: afterwards no clock there shows it again', () => {
    fc.assert(
      fc.property(localDates, timeZones, fc.nat(72), (date, timeZone, hours) => {
        const end = endOfDay(date, timeZone).getTime();
        const shownAt = (instant: number) => localDateAt(new Date(instant), timeZone);
        expect(compareLocalDates(shownAt(end - 1), date)).toBeLessThanOrEqual(0);
        expect(compareLocalDates(shownAt(end), date)).toBeGreaterThan(0);
        expect(compareLocalDates(shownAt(end + hours * HOUR_MS), date)).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  test('later for a later day', () => {
    fc.assert(
      fc.property(localDates, timeZones, fc.nat(400), (date, timeZone, later) => {
        const first = endOfDay(date, timeZone).getTime();
        const second = endOfDay(addDays(date, later), timeZone).getTime();
        expect(second).toBeGreaterThanOrEqual(first);
      }),
    );
  });

  test("at the same instant whatever the machine's own zone is", () => {
    fc.assert(
      fc.property(localDates, timeZones, timeZones, (date, timeZone, machine) => {
        const ask = (own: string) => {
          process.env.TZ = own;
          const end = endOfDay(date, timeZone);
          return { end, next: localDateAt(end, timeZone) };
        };
        expect(ask(machine)).toEqual(ask('UTC'));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a time zone', () => {
  test.each(['Asia/Shanghai', 'UTC', 'America/Argentina/Buenos_Aires'])('%s is one', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  test.each(['', '+08:00', 'Asia/Peking2', 'Beijing', ' Asia/Shanghai'])('%j is none', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
