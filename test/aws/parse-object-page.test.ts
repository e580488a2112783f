import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseObjectPage, UnreadableListing } from '../../shared/aws/parse-object-page.ts';

const OBJECT = {
  key: 'clients/1/a',
  size: 12,
  etag: '9b2cf535f27731c974343645a3985328',
  modified: '2026-11-02T08:00:00.000Z',
};

/** As S3 writes it. */
function contents({ key, size, etag, modified }: typeof OBJECT): string {
  const encoded = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
  return (
    `<Contents><Key>${encoded}</Key><LastModified>${modified}</LastModified>` +
    `<ETag>&quot;${etag}&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm>` +
    `<Size>${size}</Size><Owner><ID>x</ID></Owner>` +
    '<StorageClass>STANDARD</StorageClass></Contents>'
  );
}

function page(inside: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    `<Name>b</Name><Prefix>clients/</Prefix><KeyCount>1</KeyCount>${inside}</ListBucketResult>`
  );
}

describe('a page of a listing', () => {
  test('has its objects in their order, and no token when it is the last one', () => {
    const other = { ...OBJECT, key: 'clients/1/b', size: 0 };
    const xml = page(contents(OBJECT) + contents(other));
    expect(parseObjectPage(xml)).toEqual({ objects: [OBJECT, other], nextToken: undefined });
  });

  test('may be empty', () => {
    expect(parseObjectPage(page(''))).toEqual({ objects: [], nextToken: undefined });
  });

  test('has the token wherever it stands, also with entities in it', () => {
    const token = '<NextContinuationToken>1/a+b=&amp;&#60;&#x3e;&apos;</NextContinuationToken>';
    expect(parseObjectPage(page(token + contents(OBJECT))).nextToken).toBe("1/a+b=&<>'");
    expect(parseObjectPage(page(contents(OBJECT) + token)).nextToken).toBe("1/a+b=&<>'");
  });

  test('gives back any key, whatever it contains', () => {
    const keys = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 5 }), fc.nat(), (all, size) => {
        const objects = all.map((key) => ({ ...OBJECT, key, size }));
        expect(parseObjectPage(page(objects.map(contents).join(''))).objects).toEqual(objects);
      }),
      { numRuns: 200 },
    );
  });

  test('gives back keys that look like XML or like an encoded key', () => {
    for (const key of [
      '</Contents>',
      '<Key>',
      '&amp;',
      'a%2Fb+c d',
      '100 %',
      '\n\u0001',
      '客户/😀',
    ]) {
      expect(parseObjectPage(page(contents({ ...OBJECT, key }))).objects[0]?.key).toBe(key);
    }
  });

  test.each([
    ['breaks off in an object', page(contents(OBJECT)).slice(0, -60)],
    ['breaks off behind an object', page(contents(OBJECT)).slice(0, -5)],
    ['is empty', ''],
    ['lacks a key', page(contents(OBJECT).replaceAll('Key>', 'Other>'))],
    ['lacks an ETag', page(contents(OBJECT).replaceAll('ETag>', 'Other>'))],
    ['has a size that is none', page(contents(OBJECT).replace('<Size>12', '<Size>x'))],
    ['has a time that is none', page(contents(OBJECT).replace('2026-11', '2026-31'))],
    ['lacks in one object what the next one has', page(`<Contents></Contents>${contents(OBJECT)}`)],
  ])('is refused when it %s', (_, xml) => {
    expect(() => parseObjectPage(xml)).toThrow(UnreadableListing);
  });
});
