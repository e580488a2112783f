import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { manifestLine, parseManifestLine } from '../../shared/format/manifest-line.ts';

const text = z.string();
const texts = z.record(text, text);
const listed = z.object({
  path: text.min(1),
  size: z.int().min(0),
  modified: z.iso.datetime(),
  etag: text,
});

/** format.md 4.3 */
const recordSchema = listed.extend({
  sha256: text.regex(/^[0-9a-f]{64}$/),
  contentType: text.nullable(),
  metadata: texts,
  tags: texts,
  pack: text.min(1),
  entry: text.min(1).exactOptional(),
});

/** format.md 4.7 */
const skippedSchema = listed.extend({ skipped: text.min(1) });

/** What the schemas say of a line. */
function bySchema(line: string): unknown {
  const value = JSON.parse(line);
  return (value?.skipped === undefined ? recordSchema : skippedSchema).safeParse(value).data;
}

const RECORD = {
  path: 'a',
  size: 3,
  sha256: 'ab'.repeat(32),
  modified: '2026-10-31T12:34:56.000Z',
  etag: 'x',
  contentType: null,
  metadata: { 'file:mode': '0644' },
  tags: {},
  pack: '01M6DMBE000000000000000002',
};
const SKIPPED = { path: 'a', size: 3, modified: RECORD.modified, etag: 'x', skipped: 'denied' };

const two = (most: number) => fc.nat(most).map((number) => String(number).padStart(2, '0'));
const instant = fc
  .tuple(fc.constantFrom('2024', '2026', '2100', '2000', '0000', '26'), two(13), two(32), two(25))
  .chain(([year, month, day, hour]) =>
    fc
      .constantFrom(
        ':59:59Z',
        ':60:00Z',
        ':00:61Z',
        ':00Z',
        ':01:02.1Z',
        ':01:02.123456Z',
        ':00:00+00:00',
        '',
      )
      .map((rest) => `${year}-${month}-${day}T${hour}${rest}`),
  );

/** A value that may stand where another one should. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, '', 'x', 0, -1, 1.5, 2 ** 53, true, [], {}, ['x'], { a: 'b' }),
  fc.constantFrom<unknown>({ a: 1 }, { a: null }, 'AB'.repeat(32), 'ab'.repeat(31), undefined),
  instant,
);

const field = fc.constantFrom(...Object.keys(RECORD), 'entry', 'skipped', 'later');

describe('a line of a manifest', () => {
  test('format.md 4.4: is taken and refused as the format says, whatever is wrong with it', () => {
    const changes = fc.array(fc.tuple(field, odd), { maxLength: 2 });
    fc.assert(
      fc.property(fc.constantFrom(RECORD, SKIPPED), changes, (base, changed) => {
        const line = JSON.stringify({ ...base, ...Object.fromEntries(changed) });
        expect(parseManifestLine(line)).toEqual(bySchema(line));
      }),
      { numRuns: 3000 },
    );
  });

  test('format.md 4.3: an instant is a day of the calendar', () => {
    fc.assert(
      fc.property(instant, (modified) => {
        const line = JSON.stringify({ ...RECORD, modified });
        expect(parseManifestLine(line)).toEqual(bySchema(line));
      }),
      { numRuns: 2000 },
    );
  });

  test.each(['null', '7', '"x"', '[]', '{', ''])('is not %s', (line) => {
    expect(parseManifestLine(line)).toBeUndefined();
  });

  test('format.md 4.3: keeps every name of metadata and tags', () => {
    const metadata = JSON.parse('{"__proto__":"a","constructor":"b"}');
    const line = manifestLine({ ...RECORD, metadata });
    const parsed = parseManifestLine(line.trimEnd());
    expect(parsed && manifestLine(parsed)).toBe(line);
  });
});
