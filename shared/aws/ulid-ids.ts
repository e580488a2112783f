import { monotonicFactory } from 'ulid';
import type { Clock, Ids } from '../ports/clock.ts';

/**
 * Makes ULIDs by the clock passed in. Within one process they ascend even inside a millisecond and
 * when the clock steps back.
 * @param random - gives numbers from 0 to below 1; default: the machine's cryptographic source.
 */
export function ulidIds(clock: Clock, random?: () => number): Ids {
  const make = monotonicFactory(random);
  return { next: () => make(clock.now().getTime()) };
}
