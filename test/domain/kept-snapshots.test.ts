import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeptRanges } from '../../shared/domain/kept-ranges.ts';
import { type KeepingFacts, keepingOf, longerOf } from '../../shared/domain/kept-snapshots.ts';
import { daysAfter, type Keeping } from '../../shared/domain/lock.ts';

const NOW = new Date('2026-11-02T08:00:00Z');
const FACTS: KeepingFacts = {
  isErased: false,
  lastSnapshotId: 's9',
  held: new Set(),
  final: null,
};

function snapshot(snapshotId: string, days: number, expiredAt: string | null = null) {
  return { snapshotId, retainUntil: daysAfter(NOW, days).toISOString(), expiredAt };
}

describe('a snapshot', () => {
  test('is kept until its end, and not at its end', () => {
    const until = daysAfter(NOW, 1);
    expect(keepingOf(snapshot('s1', 1), FACTS, NOW)).toEqual({ promised: until, until });
    expect(keepingOf(snapshot('s1', 0), FACTS, NOW)).toBeNull();
  });

  test('that is the last one is kept beyond its end, until another takes its place', () => {
    expect(keepingOf(snapshot('s9', 2), FACTS, NOW)?.until).toEqual(daysAfter(NOW, 2));
    expect(keepingOf(snapshot('s9', 0), FACTS, NOW)).toEqual({ promised: NOW, until: null });
    expect(keepingOf(snapshot('s9', -50), FACTS, NOW)?.until).toBeNull();
  });

  test('that is the last one counts as such already some days before, for who acts early', () => {
    expect(keepingOf(snapshot('s9', 2), FACTS, NOW, 3)?.until).toBeNull();
    expect(keepingOf(snapshot('s9', 4), FACTS, NOW, 3)?.until).toEqual(daysAfter(NOW, 4));
    expect(keepingOf(snapshot('s1', 2), FACTS, NOW, 3)?.until).toEqual(daysAfter(NOW, 2));
  });

  test('under a hold of its own or of its vault is kept without an end', () => {
    const held = { ...FACTS, held: new Set(['s1']) };
    expect(keepingOf(snapshot('s1', -5), held, NOW)?.until).toBeNull();
    expect(keepingOf(snapshot('s2', -5), held, NOW)).toBeNull();
    expect(keepingOf(snapshot('s2', -5), { ...FACTS, held: 'all' }, NOW)?.until).toBeNull();
  });

  test('that has expired is not kept again, whatever happens later', () => {
    const expired = snapshot('s9', 5, NOW.toISOString());
    expect(keepingOf(expired, { ...FACTS, held: 'all' }, NOW)).toBeNull();
  });

  test('of an erased vault is not kept', () => {
    expect(keepingOf(snapshot('s9', 5), { ...FACTS, isErased: true }, NOW)).toBeNull();
  });

  test.each([
    ['later than its own end', 400, 400],
    ['earlier than its own end, which stays', 1, 30],
  ])('that is final is kept until the end of the closing: %s', (_, keepDays, days) => {
    const final = { snapshotId: 's9', keepUntil: daysAfter(NOW, keepDays) };
    const keeping = keepingOf(snapshot('s9', 30), { ...FACTS, final }, NOW);
    expect(keeping?.until).toEqual(daysAfter(NOW, days));
  });

  test('that is final and permanent is kept without an end', () => {
    const final = { snapshotId: 's9', keepUntil: null };
    expect(keepingOf(snapshot('s9', 30), { ...FACTS, final }, NOW)?.until).toBeNull();
  });
});

describe('how long a pack is needed', () => {
  const idOf = (number: number): string => String(number).padStart(4, '0');
  const days = fc.option(fc.integer({ min: 1, max: 500 }), { nil: null });
  const worlds = fc.record({
    kept: fc.uniqueArray(fc.tuple(fc.nat(60), days), { selector: ([id]) => id, maxLength: 40 }),
    packs: fc.array(fc.tuple(fc.nat(60), fc.option(fc.nat(61), { nil: null })), { maxLength: 20 }),
  });

  test('is the longest of the kept snapshots that name it', () => {
    fc.assert(
      fc.property(worlds, ({ kept, packs }) => {
        const ascending = kept
          .toSorted(([a], [b]) => a - b)
          .map(([id, until]) => {
            const end = until === null ? null : daysAfter(NOW, until);
            return { snapshotId: idOf(id), keeping: { promised: NOW, until: end } };
          });
        const ranges = new KeptRanges(ascending);
        for (const [from, before] of packs) {
          const pack = {
            snapshotId: idOf(from),
            droppedBy: before === null ? null : idOf(before),
          };
          const naming = ascending.filter(
            ({ snapshotId }) =>
              snapshotId >= pack.snapshotId &&
              (pack.droppedBy === null || snapshotId < pack.droppedBy),
          );
          const longest = naming.reduce<Keeping | null>(
            (so, { keeping }) => longerOf(so, keeping),
            null,
          );
          expect(ranges.keepingOf(pack)).toEqual(longest);
          expect(ranges.firstNeeding(pack)).toBe(naming[0]?.snapshotId ?? null);
        }
      }),
    );
  });

  test('is nothing for a pack that was dropped by the snapshot of its own run', () => {
    const keeping = { promised: NOW, until: null };
    const ranges = new KeptRanges([{ snapshotId: 's1', keeping }]);
    expect(ranges.keepingOf({ snapshotId: 's1', droppedBy: 's1' })).toBeNull();
    expect(ranges.keepingOf({ snapshotId: 's1', droppedBy: null })).toEqual(keeping);
  });
});
