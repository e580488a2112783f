import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  daysAfter,
  firstLock,
  isLockDue,
  type Keeping,
  type LockRule,
  lockDelayDays,
  lockNeeded,
  nextLock,
  RENEW_AHEAD_DAYS,
} from '../../shared/domain/lock.ts';

const DAY_MS = 86_400_000;
const START = new Date('2026-11-02T08:00:00Z');

const rules = fc
  .record({
    mode: fc.constantFrom('rolling' as const, 'full' as const),
    minimumDays: fc.integer({ min: 1, max: 60 }),
    extraDays: fc.integer({ min: 0, max: 90 }),
    gridDays: fc.integer({ min: 1, max: 30 }),
  })
  .map(
    ({ extraDays, ...rule }): LockRule => ({ ...rule, horizonDays: rule.minimumDays + extraDays }),
  );
const keptDays = fc.option(fc.integer({ min: 0, max: 900 }), { nil: null });

function keepingFor(days: number | null): Keeping {
  const until = days === null ? null : daysAfter(START, days);
  return { promised: until ?? START, until };
}

describe('the lock of an object', () => {
  test('is from its first day what the rule asks for, and ends on the grid', () => {
    fc.assert(
      fc.property(rules, fc.integer({ min: 0, max: 900 }), (rule, days) => {
        const end = daysAfter(START, days);
        const lock = firstLock(rule, end, START);
        expect(lock.getTime() % (rule.gridDays * DAY_MS)).toBe(0);
        const keeping = keepingFor(days);
        expect(isLockDue(rule, keeping, lock, START)).toBe(false);
        if (rule.mode === 'full') {
          expect(lock.getTime()).toBeGreaterThanOrEqual(end.getTime());
        }
        const farthest = daysAfter(end, rule.gridDays);
        expect(lock.getTime()).toBeLessThan(farthest.getTime());
      }),
    );
  });

  test('never falls under its minimum while a daily renewal fails for less than a week', () => {
    const seeds = fc.record({ rule: rules, days: keptDays, lame: fc.integer({ min: 1, max: 6 }) });
    fc.assert(
      fc.property(seeds, ({ rule, days, lame }) => {
        const keeping = keepingFor(days);
        let lock = nextLock(rule, keeping, START);
        for (let day = 1; day <= 150; day += 1) {
          const now = daysAfter(START, day);
          // Of each run of days the renewal works on the last one only.
          if (day % (lame + 1) === 0 && isLockDue(rule, keeping, lock, now)) {
            lock = nextLock(rule, keeping, now);
          }
          expect(lock.getTime()).toBeGreaterThanOrEqual(lockNeeded(rule, keeping, now).getTime());
        }
      }),
      { numRuns: 50 },
    );
  });

  test('is extended at most once per grid step, and to no date it has already', () => {
    fc.assert(
      fc.property(rules, keptDays, (rule, days) => {
        const keeping = keepingFor(days);
        let lock = nextLock(rule, keeping, START);
        const ends = [lock.getTime()];
        for (let day = 1; day <= 150; day += 1) {
          const now = daysAfter(START, day);
          if (isLockDue(rule, keeping, lock, now)) {
            lock = nextLock(rule, keeping, now);
            ends.push(lock.getTime());
          }
        }
        const steps = ends.slice(1).map((end, index) => end - (ends[index] ?? 0));
        for (const step of steps) {
          expect(step).toBeGreaterThanOrEqual(rule.gridDays * DAY_MS);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('is late by a day for each day that it was not renewed, from the day it was due', () => {
    const rule = { mode: 'rolling', minimumDays: 30, horizonDays: 37, gridDays: 1 } as const;
    const keeping = { promised: START, until: null };
    const lock = daysAfter(START, rule.minimumDays + RENEW_AHEAD_DAYS);
    expect(lockDelayDays(rule, keeping, lock, START)).toBe(0);
    expect(lockDelayDays(rule, keeping, lock, daysAfter(START, 3))).toBe(3);
    const broken = daysAfter(START, RENEW_AHEAD_DAYS + 1);
    expect(lockDelayDays(rule, keeping, lock, broken)).toBeGreaterThan(RENEW_AHEAD_DAYS);
    expect(lock < lockNeeded(rule, keeping, broken)).toBe(true);
  });

  test('is never due when it lasts as long as what it protects', () => {
    const rule = { mode: 'rolling', minimumDays: 30, horizonDays: 90, gridDays: 7 } as const;
    const until = daysAfter(START, 3);
    const keeping = { promised: until, until };
    expect(isLockDue(rule, keeping, until, START)).toBe(false);
    expect(lockDelayDays(rule, keeping, until, START)).toBe(0);
  });
});
