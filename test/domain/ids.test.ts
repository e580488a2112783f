import { encodeTime } from 'ulid';
import { expect, test } from 'vitest';
import { continuingId, idTime, requireId } from '../../shared/domain/ids.ts';

test.each([0, 1, 1_793_606_400_123, 2 ** 48 - 1])('an id made at %i tells that time', (time) => {
  expect(idTime(`${encodeTime(time)}0000000000000000`).getTime()).toBe(time);
});

// format.md 8.6
test('the id of what continues another follows from that one, and comes behind it', () => {
  const [one, other] = ['01KB1T8R9ZJ4Y6V3N5M2X9W0RA', '01KB1T8R9ZJ4Y6V3N5M2X9W0RB'];
  const continuing = continuingId(one);
  expect(requireId('certificate', continuing)).toBe(continuing);
  expect(continuingId(one)).toBe(continuing);
  expect(continuingId(other)).not.toBe(continuing);
  expect(continuing > one).toBe(true);
  expect(idTime(continuing).getTime()).toBe(idTime(one).getTime() + 1);
});
