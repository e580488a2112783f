import { expect, test } from 'vitest';
import { ulidIds } from '../../shared/aws/ulid-ids.ts';
import { requireId } from '../../shared/domain/ids.ts';
import { MovableClock } from '../support/movable-clock.ts';
import { SequentialIds } from '../support/sequential-ids.ts';

test.each([
  ['ulidIds', (clock: MovableClock) => ulidIds(clock)],
  ['SequentialIds', (clock: MovableClock) => new SequentialIds(clock)],
])('%s are ids, unique, and ascend with the clock and within a millisecond', async (_, open) => {
  const clock = new MovableClock();
  const ids = open(clock);
  const made: string[] = [];
  for (let count = 0; count < 50; count += 1) {
    made.push(requireId('vault', ids.next()), ids.next());
    await clock.moveTo(new Date(clock.now().getTime() + 1));
  }
  expect(new Set(made).size).toBe(100);
  expect(made.toSorted()).toEqual(made);
});
