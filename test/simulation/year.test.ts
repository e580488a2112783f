import { expect, test } from 'vitest';
import { describeFigures, MOST_STORED, shortcomings } from './figures.ts';
import { daysOf, simulate } from './simulate.ts';

/** What a year takes when the machine has much else to do. */
const TIMEOUT_MS = 300_000;

test(
  'a year loses nothing, keeps nothing too long, and asks for no lock twice',
  async () => {
    const figures = await simulate({ seed: 'a year', days: daysOf(1), records: 24 });
    process.stdout.write(`a simulated year:\n${describeFigures(figures)}\n`);
    expect(figures.backups).toBeGreaterThan(200);
    expect(shortcomings(figures)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'nine quiet months store little more than their snapshots need',
  async () => {
    const figures = await simulate({ seed: 'quiet', days: 270, records: 24, isQuiet: true });
    process.stdout.write(`nine quiet months:\n${describeFigures(figures)}\n`);
    expect(figures.storedByLive.samples).toBeGreaterThan(10);
    expect(figures.storedByLive.most).toBeLessThanOrEqual(MOST_STORED);
  },
  TIMEOUT_MS,
);
