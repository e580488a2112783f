import { expect, test } from 'vitest';
import { describeFigures } from './figures.ts';
import { daysOf, simulate } from './simulate.ts';

/** What may be stored for each byte that a kept snapshot needs, where 1% changes a day. */
const MOST_STORED = 1.3;

/** What a year takes when the machine has much else to do. */
const TIMEOUT_MS = 300_000;

test(
  'a year loses nothing, keeps nothing too long, and asks for no lock twice',
  async () => {
    const figures = await simulate({ seed: 'year', days: daysOf(1), records: 24 });
    process.stdout.write(`a simulated year:\n${describeFigures(figures)}\n`);
    expect(figures.backups).toBeGreaterThan(200);
    expect(figures.outageDays).toBeGreaterThanOrEqual(30);
    for (const count of ['kills', 'holds', 'ledgersRestored', 'removedVersions'] as const) {
      expect(figures[count], count).toBeGreaterThan(0);
    }
    expect(figures.mostExtensionsPerStep).toBe(1);
    expect(figures.storedByLive.most).toBeLessThanOrEqual(MOST_STORED);
  },
  TIMEOUT_MS,
);
