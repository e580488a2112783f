import { expect, test } from 'vitest';
import { type Figures, shortcomings } from './figures.ts';

/** A decade in which everything has befallen, and nothing was more than it may be. */
const FULL: Figures = {
  ...{ days: 3650, backups: 3500, missedDays: 200, outageDays: 54, kills: 200, holds: 60 },
  ...{ policyChanges: 9, closed: 2, erasures: 2, erased: 2, certified: 2, ledgersRestored: 20 },
  ...{ mostKept: 180, restores: 1500, comparedObjects: 100_000, askedVersions: 1_000_000 },
  ...{ removedVersions: 15_000, extensions: 100_000, mostExtensionsPerStep: 1 },
  longestOverdueDays: 0,
  storedByLive: { samples: 20, mean: 1.07, most: 1.11, last: 1.1 },
};

test('a decade in which everything has befallen has no shortcomings', () => {
  expect(shortcomings(FULL)).toEqual([]);
});

test.each([
  [{ kills: 0 }, 'no kills'],
  [{ missedDays: 0 }, 'no missedDays'],
  [{ holds: 0 }, 'no holds'],
  [{ policyChanges: 0 }, 'no policyChanges'],
  [{ closed: 0 }, 'no closed'],
  [{ ledgersRestored: 0 }, 'no ledgersRestored'],
  [{ removedVersions: 0 }, 'no removedVersions'],
  [{ outageDays: 3 }, 'no Region was down for a month'],
  [{ erasures: 0, erased: 0, certified: 0 }, 'no erasures'],
  [{ erased: 1 }, '1 of 2 erasures came to their end'],
  [{ certified: 0 }, '0 of 2 erasures were certified'],
  [{ mostExtensionsPerStep: 2 }, '2 extensions to one step'],
  [{ storedByLive: { ...FULL.storedByLive, most: 1.4 } }, '1.4 bytes for a live byte'],
  [
    { storedByLive: { samples: 0, mean: Number.NaN, most: Number.NaN, last: Number.NaN } },
    'what is stored was never measured',
  ],
] as const)('%j is a shortcoming', (change, says) => {
  expect(shortcomings({ ...FULL, ...change })).toEqual([says]);
});
