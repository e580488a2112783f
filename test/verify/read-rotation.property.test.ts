import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chanceOf,
  READ_DUE_DAYS,
  READ_WITHIN_DAYS,
  ReadRotation,
  unreadDays,
} from '../../shared/domain/read-rotation.ts';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-11-02T02:00:00Z');

interface Held {
  readonly size: number;
  readonly writtenAt: Date;
  verifiedAt: Date | null;
}

/** What happens between two days' runs. */
interface Day {
  readonly added: readonly number[];
  /** Which object is removed, as a fraction of the list; most days none is. */
  readonly removed: number;
  /** The run of this day is lost. */
  readonly lost: boolean;
  /** Minutes by which the schedule is late. */
  readonly late: number;
  readonly repeated: boolean;
}

const size = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100_000 }));
const day: fc.Arbitrary<Day> = fc.record({
  added: fc.oneof(
    { weight: 8, arbitrary: fc.constant<number[]>([]) },
    { weight: 2, arbitrary: fc.array(size, { maxLength: 5 }) },
  ),
  removed: fc.double({ min: 0, max: 3, noNaN: true }),
  lost: fc.boolean(),
  late: fc.integer({ min: 0, max: 30 }),
  repeated: fc.boolean(),
});

/** Reads one share. @returns the bytes read. */
function readShare(held: readonly Held[], now: Date, chance: number): number {
  const rotation = new ReadRotation(now);
  for (const object of held) {
    rotation.add(object);
  }
  const choose = rotation.share(chance);
  const chosen = held.filter((object) => choose(object));
  for (const object of chosen) {
    object.verifiedAt = now;
  }
  return chosen.reduce((sum, object) => sum + object.size, 0);
}

describe('the rotation of the daily verification', () => {
  test('leaves no byte unread for 100 days, whatever comes, goes and is lost', () => {
    const days = fc.array(day, { minLength: 300, maxLength: 300 });
    const first = fc.array(size, { maxLength: 60 });
    fc.assert(
      fc.property(first, days, fc.string(), (sizes, course, seed) => {
        let held: Held[] = sizes.map((bytes) => ({
          size: bytes,
          writtenAt: new Date(START),
          verifiedAt: null,
        }));
        let lostInARow = 0;
        for (const [index, { added, removed, lost, late, repeated }] of course.entries()) {
          const now = new Date(START + (index + 1) * 24 * HOUR_MS + late * 60_000);
          const oldest = Math.max(0, ...held.map((object) => unreadDays(object, now)));
          expect(oldest).toBeLessThan(READ_WITHIN_DAYS);
          lostInARow = lost && lostInARow < 4 ? lostInARow + 1 : 0;
          if (lostInARow === 0) {
            readShare(held, now, chanceOf(`${seed} ${index}`));
            expect(held.every((object) => unreadDays(object, now) < READ_DUE_DAYS)).toBe(true);
          }
          if (repeated) {
            readShare(held, new Date(now.getTime() + HOUR_MS), chanceOf(seed));
          }
          held = held.filter((_, place) => place !== Math.floor(removed * held.length));
          const writtenAt = new Date(now.getTime() + 6 * HOUR_MS);
          held.push(...added.map((bytes) => ({ size: bytes, writtenAt, verifiedAt: null })));
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['many objects', 2_000, 10],
    ['few objects', 3, 1_000],
    ['one large object', 1, 50_000],
  ])('reads %s three times in 300 days, not more', (_, count, bytes) => {
    const held: Held[] = Array.from({ length: count }, () => ({
      size: bytes,
      writtenAt: new Date(START),
      verifiedAt: null,
    }));
    let read = 0;
    for (let index = 1; index <= 300; index += 1) {
      const now = new Date(START + index * 24 * HOUR_MS);
      read += readShare(held, now, chanceOf(`${count} ${index}`));
    }
    const turns = read / (count * bytes);
    expect(turns).toBeGreaterThanOrEqual(3);
    expect(turns).toBeLessThanOrEqual(5);
  });

  test('spreads what was written on one day over the days to come', () => {
    const held: Held[] = Array.from({ length: 950 }, () => ({
      size: 1_000,
      writtenAt: new Date(START),
      verifiedAt: null,
    }));
    for (let index = 1; index <= 200; index += 1) {
      const now = new Date(START + index * 24 * HOUR_MS);
      expect(readShare(held, now, chanceOf(String(index)))).toBe(10_000);
    }
  });

  test('takes the longest unread first', () => {
    const at = (days: number): Date => new Date(START + days * 24 * HOUR_MS);
    const now = at(50);
    const young = { size: 10, writtenAt: at(40), verifiedAt: null };
    const old = { size: 10, writtenAt: at(0), verifiedAt: at(10) };
    const oldest = { size: 1, writtenAt: at(0), verifiedAt: null };
    const rotation = new ReadRotation(now);
    for (const object of [young, old, oldest]) {
      rotation.add(object);
    }
    const choose = rotation.share(0);
    expect([young, old, oldest].map((object) => choose(object))).toEqual([false, false, true]);
  });

  test('reads nothing more when it is repeated on the same day', () => {
    const held: Held[] = Array.from({ length: 190 }, () => ({
      size: 100,
      writtenAt: new Date(START),
      verifiedAt: null,
    }));
    const now = new Date(START + 24 * HOUR_MS);
    expect(readShare(held, now, 0.5)).toBe(200);
    expect(readShare(held, new Date(now.getTime() + HOUR_MS), 0.5)).toBe(0);
  });
});
