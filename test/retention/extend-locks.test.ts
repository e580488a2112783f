import { expect, test } from 'vitest';
import type { PerCopy } from '../../shared/domain/copy-name.ts';
import type { Copy } from '../../shared/ports/copy.ts';
import { extendLocks } from '../../shared/retention/extend-locks.ts';

const UNTIL = new Date('2030-01-01T00:00:00Z');

function objectsOf(count: number, prefix: string) {
  return Array.from({ length: count }, (_, index) => {
    const versions = { primary: 'v1', secondary: index === 0 ? null : 'v2' };
    return { key: `${prefix}-${index}`, size: 1, sha256: 'a', versions };
  });
}

test('locks are extended some at a time, however many objects a snapshot has', async () => {
  let [now, most, asked] = [0, 0, 0];
  const extendLock = async (key: string): Promise<void> => {
    now += 1;
    asked += 1;
    most = Math.max(most, now);
    await new Promise(setImmediate);
    now -= 1;
    if (key === 'b-7') {
      throw new Error('not there');
    }
  };
  const copies = { primary: { extendLock }, secondary: { extendLock } };
  const [many, few] = [
    { item: 'many', objects: objectsOf(3_000, 'a'), until: UNTIL },
    { item: 'few', objects: objectsOf(10, 'b'), until: UNTIL },
  ];
  const outcome = await extendLocks(copies as unknown as PerCopy<Copy>, [many, few]);
  expect(asked).toBe(2 * 3_010 - 2);
  expect(most).toBeGreaterThan(16);
  expect(most).toBeLessThanOrEqual(32);
  expect(outcome.done).toEqual([many]);
  expect(outcome.failures).toHaveLength(2);
});
