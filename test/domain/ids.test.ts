import { encodeTime } from 'ulid';
import { expect, test } from 'vitest';
import { idTime } from '../../shared/domain/ids.ts';

test.each([0, 1, 1_793_606_400_123, 2 ** 48 - 1])('an id made at %i tells that time', (time) => {
  expect(idTime(`${encodeTime(time)}0000000000000000`).getTime()).toBe(time);
});
