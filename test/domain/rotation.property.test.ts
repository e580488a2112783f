import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { compareLocalDates, type LocalDate } from '../../shared/domain/local-date.ts';
import {
  type Keep,
  type Rotation,
  rotate,
  TIERS,
  type Tier,
} from '../../shared/domain/rotation.ts';
import { dayAt, endOfDay, localDateAt } from '../../shared/domain/time-zone.ts';
import { timeZones } from './date-arbitrary.ts';

const HOUR_MS = 3_600_000;
const NONE: Keep = { hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
const RUNS = 60;

const machineZone = process.env.TZ;

afterEach(() => {
  if (machineZone === undefined) {
    delete process.env.TZ;
  } else {
    process.env.TZ = machineZone;
  }
});

const rotated = (keep: Partial<Keep>, at: string, before: string | null, zone = 'Asia/Shanghai') =>
  rotate({ ...NONE, ...keep }, zone, new Date(at), before === null ? null : new Date(before));

const keeps: fc.Arbitrary<Keep> = fc
  .record({
    hourly: fc.nat(30),
    daily: fc.nat(20),
    weekly: fc.nat(6),
    monthly: fc.nat(5),
    yearly: fc.nat(3),
  })
  .filter((keep) => TIERS.some((tier) => keep[tier] > 0));

/** Hours from one snapshot to the next: on time, late, early, at once, or after missed runs. */
const gaps = fc.array(
  fc.oneof(
    fc.constant(24),
    fc.double({ min: 0, max: 30, noNaN: true }),
    fc.double({ min: 24, max: 24 * 80, noNaN: true }),
  ),
  { minLength: 1, maxLength: 25 },
);

const beginnings = fc
  .integer({ min: Date.UTC(1995, 0, 1), max: Date.UTC(2090, 0, 1) })
  .map((time) => new Date(time));

interface Made extends Rotation {
  readonly createdAt: Date;
}

/** Snapshots one after the other, each decided when it is made. */
function history(keep: Keep, zone: string, begin: Date, hours: readonly number[]): Made[] {
  const made: Made[] = [];
  let createdAt = begin;
  for (const gap of [0, ...hours]) {
    createdAt = new Date(createdAt.getTime() + Math.round(gap * HOUR_MS));
    const before = made.at(-1)?.createdAt ?? null;
    made.push({ createdAt, ...rotate(keep, zone, createdAt, before) });
  }
  return made;
}

/** A number per period, one more for the next; worked out otherwise than the code under test. */
function periodOf(tier: Tier, at: Date, zone: string): number {
  if (tier === 'hourly') {
    return Math.floor(at.getTime() / HOUR_MS);
  }
  const { year, month, day } = dayAt(at, zone);
  const days = Date.UTC(year, month - 1, day) / (24 * HOUR_MS);
  // 1970-01-01 was a Thursday: ISO weeks begin three days before.
  const weeks = Math.floor((days + 3) / 7);
  return { daily: days, weekly: weeks, monthly: year * 12 + month, yearly: year }[tier];
}

describe('a snapshot', () => {
  test('carries every tier when it is the first one', () => {
    const keep = { hourly: 2, daily: 35, weekly: 4, monthly: 12, yearly: 3 };
    expect(rotated(keep, '2026-11-02T08:00:00Z', null)).toEqual({
      tiers: ['hourly', 'daily', 'weekly', 'monthly', 'yearly'],
      retainUntil: new Date('2029-12-31T16:00:00Z'),
    });
  });

  test.each([
    ['of its day', { daily: 35 }, '2026-11-01T16:00:00Z', '2026-11-01T15:59:59Z', '2026-12-07'],
    [
      'of its ISO week',
      { weekly: 4 },
      '2026-11-01T16:00:00Z',
      '2026-11-01T15:59:59Z',
      '2026-12-06',
    ],
    ['of its month', { monthly: 12 }, '2026-11-30T16:00:00Z', '2026-11-29T16:00:00Z', '2027-12-31'],
    ['of its year', { yearly: 10 }, '2026-12-31T16:00:00Z', '2026-12-30T16:00:00Z', '2037-12-31'],
    ['of a leap day', { yearly: 1 }, '2024-02-29T02:00:00Z', null, '2025-12-31'],
    ['before a leap day', { monthly: 1 }, '2024-01-31T02:00:00Z', null, '2024-02-29'],
    ['before no leap day', { monthly: 1 }, '2023-01-31T02:00:00Z', null, '2023-02-28'],
  ])('that is the first %s is kept to the end of %s', (_what, keep, at, before, lastDay) => {
    const { tiers, retainUntil } = rotated(keep, at, before);
    expect(tiers).toEqual(Object.keys(keep));
    expect(retainUntil).toEqual(new Date(`${lastDay}T16:00:00Z`));
  });

  test('that is second in its day, week, month and year carries none of them', () => {
    const keep = { daily: 35, weekly: 4, monthly: 12, yearly: 3 };
    const { tiers, retainUntil } = rotated(keep, '2026-11-02T09:00:00Z', '2026-11-02T08:00:00Z');
    expect(tiers).toEqual([]);
    expect(retainUntil).toEqual(new Date('2026-11-09T16:00:00Z'));
  });

  test('that is extra is not kept longer than one of the finest tier', () => {
    const at = '2026-11-02T08:30:00Z';
    const { tiers, retainUntil } = rotated({ hourly: 48, yearly: 3 }, at, '2026-11-02T08:00:00Z');
    expect(tiers).toEqual([]);
    expect(retainUntil).toEqual(new Date('2026-11-04T09:00:00Z'));
  });

  test('of an hour that clocks show twice is a point of its own', () => {
    const keep = { hourly: 24, daily: 3 };
    const at = rotated(keep, '2026-10-25T01:10:00Z', '2026-10-25T00:10:00Z', 'Europe/Berlin');
    expect(at).toEqual({ tiers: ['hourly'], retainUntil: new Date('2026-10-26T02:00:00Z') });
  });

  test('counts the days of its zone over a change of clocks', () => {
    const at = rotated({ daily: 1 }, '2026-03-28T22:30:00Z', null, 'Europe/Berlin');
    expect(at.retainUntil).toEqual(new Date('2026-03-29T22:00:00Z'));
    const later = rotated({ daily: 1 }, '2026-10-24T21:30:00Z', null, 'Europe/Berlin');
    expect(later.retainUntil).toEqual(new Date('2026-10-25T23:00:00Z'));
  });
});

describe('whatever runs are late or missed', () => {
  test('each period that had a snapshot keeps its first until as many are over', () => {
    fc.assert(
      fc.property(keeps, timeZones, beginnings, gaps, (keep, zone, begin, hours) => {
        const made = history(keep, zone, begin, hours);
        for (const tier of TIERS.filter((each) => keep[each] > 0)) {
          const seen = new Set<number>();
          for (const { createdAt, tiers, retainUntil } of made) {
            const period = periodOf(tier, createdAt, zone);
            expect(tiers.includes(tier)).toBe(!seen.has(period));
            if (!seen.has(period)) {
              // Still there in the last moment of the last period that counts on it.
              const last = new Date(retainUntil.getTime() - 1);
              expect(periodOf(tier, last, zone)).toBeGreaterThanOrEqual(period + keep[tier]);
            }
            seen.add(period);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('there are never fewer points than configured, while each period has had one', () => {
    const daily = fc.record({
      count: fc.integer({ min: 1, max: 20 }),
      minutes: fc.array(fc.nat(24 * 60 - 1), { minLength: 30, maxLength: 40 }),
    });
    fc.assert(
      fc.property(daily, fc.integer({ min: 19_000, max: 40_000 }), ({ count, minutes }, first) => {
        const keep = { ...NONE, daily: count };
        const at = minutes.map((minute, n) => new Date(((first + n) * 1440 + minute) * 60_000));
        const ends = at.map((when, n) => rotate(keep, 'UTC', when, at[n - 1] ?? null).retainUntil);
        for (let today = count; today < at.length; today += 1) {
          // The run of today is still to come, in the last minute it could.
          const now = new Date((first + today + 1) * 24 * HOUR_MS - 1);
          const kept = ends.slice(0, today).filter((end) => end > now);
          expect(kept.length).toBeGreaterThanOrEqual(count);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('a missed run changes no snapshot before it, and its tiers go to the next', () => {
    fc.assert(
      fc.property(keeps, timeZones, beginnings, gaps, (keep, zone, begin, hours) => {
        const made = history(keep, zone, begin, hours);
        const missed = Math.floor(made.length / 2);
        const [before, after] = [made[missed - 1], made[missed + 1]];
        if (before === undefined || after === undefined) return;
        const { tiers, retainUntil } = rotate(keep, zone, after.createdAt, before.createdAt);
        expect(TIERS.filter((tier) => tiers.includes(tier))).toEqual(tiers);
        expect(tiers).toEqual(expect.arrayContaining([...after.tiers]));
        if (after.tiers.length > 0) {
          expect(retainUntil.getTime()).toBeGreaterThanOrEqual(after.retainUntil.getTime());
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the end of a snapshot', () => {
  test('is monotone: later snapshots and higher counts end no earlier', () => {
    fc.assert(
      fc.property(keeps, timeZones, beginnings, gaps, (keep, zone, begin, hours) => {
        const ends = hours.map((hour) => {
          const at = new Date(begin.getTime() + Math.round(hour * HOUR_MS));
          return { at, end: rotate(keep, zone, at, null).retainUntil };
        });
        ends.sort((left, right) => left.at.getTime() - right.at.getTime());
        ends.forEach(({ end }, n) => {
          const before = ends[n - 1]?.end ?? end;
          expect(end.getTime()).toBeGreaterThanOrEqual(before.getTime());
        });
        const more = { ...keep, daily: keep.daily + 1, monthly: keep.monthly + 1 };
        const first = rotate(keep, zone, begin, null).retainUntil;
        const longer = rotate(more, zone, begin, null).retainUntil;
        expect(longer.getTime()).toBeGreaterThanOrEqual(first.getTime());
      }),
      { numRuns: RUNS },
    );
  });

  test('is never early: the zone shows no day of the last period any more', () => {
    const counts = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(counts, timeZones, beginnings, (daily, zone, at) => {
        const { retainUntil } = rotate({ ...NONE, daily }, zone, at, null);
        const lastDay: LocalDate = localDateAt(new Date(retainUntil.getTime() - 1), zone);
        expect(compareLocalDates(dayAt(retainUntil, zone), lastDay)).toBeGreaterThan(0);
        // A changed clock makes a day an hour shorter; a few zones have skipped a day.
        const least = at.getTime() + (daily - 2) * 24 * HOUR_MS;
        expect(retainUntil.getTime()).toBeGreaterThan(least);
      }),
      { numRuns: RUNS },
    );
  });

  test('does not depend on the zone of the machine', () => {
    fc.assert(
      fc.property(keeps, timeZones, timeZones, beginnings, (keep, zone, machine, at) => {
        process.env.TZ = 'UTC';
        const expected = rotate(keep, zone, at, null);
        process.env.TZ = machine;
        expect(rotate(keep, zone, at, null)).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the day of an instant', () => {
  test('never goes back, also where clocks go back over midnight', () => {
    const zone = 'America/St_Johns';
    // Clocks went from 0:01 of the 29th back to 23:01 of the 28th.
    const shownNext = new Date('2006-10-29T02:30:30Z');
    expect(localDateAt(shownNext, zone)).toMatchObject({ month: 10, day: 29 });
    expect(dayAt(shownNext, zone)).toMatchObject({ month: 10, day: 28 });
    expect(dayAt(new Date('2006-10-29T03:30:00Z'), zone)).toMatchObject({ month: 10, day: 29 });
  });

  test('ends after it and began before', () => {
    fc.assert(
      fc.property(timeZones, beginnings, (zone, at) => {
        const day = dayAt(at, zone);
        expect(endOfDay(day, zone).getTime()).toBeGreaterThan(at.getTime());
      }),
      { numRuns: RUNS },
    );
  });
});
