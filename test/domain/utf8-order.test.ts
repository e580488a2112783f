import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareUtf8 } from '../../shared/domain/utf8-order.ts';

/** One and more of each length in UTF-8, and the borders around the surrogates. */
const CHARACTERS = fc.constantFrom(
  'a',
  'b',
  'é',
  '日',
  '\ud7ff',
  '\ue000',
  '！',
  '😀',
  '\u{10ffff}',
);

test('the order is that of the UTF-8 bytes', () => {
  const unicode = fc.string({ unit: CHARACTERS, maxLength: 6 });
  fc.assert(
    fc.property(unicode, unicode, (left, right) => {
      const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
      expect(Math.sign(compareUtf8(left, right))).toBe(bytes);
    }),
  );
});

test('characters beyond U+FFFF come last, unlike in the order of UTF-16', () => {
  expect(compareUtf8('😀', '！')).toBeGreaterThan(0);
  expect('😀' < '！').toBe(true);
});
