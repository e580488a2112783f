import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';

test('the same seed leads to the same life', async () => {
  const [one, other] = [
    await simulate({ seed: 'twice', days: 120, records: 12 }),
    await simulate({ seed: 'twice', days: 120, records: 12 }),
  ];
  expect(one).toEqual(other);
}, 300_000);
