import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Pauses } from '../ports/clock.ts';

/** Waits; passed to adapters that try again. */
export type Pause = (milliseconds: number) => Promise<void>;

/** The machine's clock: the one place where the time enters. */
export const systemClock: Clock = { now: () => new Date() };

/**
 * Waits between half of the given time and all of it, so that callers who failed together do not
 * try again together.
 */
export const systemPause: Pause = async (milliseconds) => {
  await sleep(milliseconds * (0.5 + Math.random() / 2));
};

/** Waits on the machine. */
export const systemPauses: Pauses = {
  upTo: async (mostMs) => {
    await sleep(mostMs * Math.random());
  },
};
