import { SeededRandom } from '../../bench/seeded-random.ts';
import type { Figures } from './figures.ts';
import { Life } from './life.ts';

const YEAR_DAYS = 365;

export interface SimulationOptions {
  /** Everything that happens follows from it. */
  readonly seed: string;
  readonly days: number;
  /** Records of the vault whose storage is measured. @default 40 */
  readonly records?: number;
  /** Nothing befalls but backups, functions that are killed, and the closing. @default false */
  readonly isQuiet?: boolean;
}

/** A day on which something was as it must not be; running the seed again leads there again. */
export class SimulationFailure extends Error {
  override readonly name = 'SimulationFailure';

  constructor(seed: string, day: number, cause: unknown) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    super(`seed ${seed}, day ${day}: ${problem}`, { cause });
  }
}

/** @returns the days of some years. */
export function daysOf(years: number): number {
  return Math.round(years * YEAR_DAYS);
}

/**
 * Plays years of an installation, day by day: backups of sources that change, holds, changed
 * policies, missed runs, Regions that are down, functions that are killed, a ledger that is put
 * back to the day before, an erasure, and at the end the closing of a client. Each day ends with
 * what `CopyChecks` and `RestoreChecks` check.
 *
 * @throws SimulationFailure on the first day on which something is wrong.
 */
export async function simulate(options: SimulationOptions): Promise<Figures> {
  const { seed, days, records = 40, isQuiet = false } = options;
  const life = new Life(new SeededRandom(seed), { days, records, isQuiet });
  try {
    await life.begin();
    for (let day = 1; day <= days; day += 1) {
      await life.liveDay(day);
    }
    return await life.end();
  } catch (error) {
    throw new SimulationFailure(seed, life.day, error);
  }
}
