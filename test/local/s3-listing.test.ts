import {
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, makeBucket, type S3ForTest, startS3ForTest } from '../support/s3-for-test.ts';

/** Keys whose order, spelling or length has misled listings before. */
const AWKWARD_KEYS = [
  '/leading',
  '//double',
  'a//b',
  'a/',
  'a/b',
  'a/b/',
  'a0',
  'A',
  'with space',
  'plus+sign',
  'percent%41',
  'question?x=1&y=2',
  'hash#x',
  'new\nline',
  'carriage\rreturn',
  '\n',
  'tab\t',
  'quote"<&>\'',
  '\u00e9-composed',
  'e\u0301-decomposed',
  '\uffff-last of the plane',
  '\ue000-private',
  '\u{1f600}-surrogate pair',
  '\u{10ffff}-highest',
  '文件/记录',
  '../up',
  './here',
  'x'.repeat(1024),
  `${'é'.repeat(500)}/${'é'.repeat(11)}x`,
];

function byBytes(keys: readonly string[]): string[] {
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function decode(text: string | undefined): string {
  return decodeURIComponent((text ?? '').replaceAll('+', ' '));
}

let s3: S3ForTest;
beforeAll(async () => {
  s3 = await startS3ForTest();
});
afterAll(() => s3.close());

async function fill(bucket: string, keys: readonly string[]): Promise<void> {
  for (const Key of keys) {
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
  }
}

/** All pages of a V2 listing; each page's keys and prefixes, merged, must be in order. */
async function listAll(
  input: ListObjectsV2CommandInput,
): Promise<{ keys: string[]; prefixes: string[]; sizes: number[] }> {
  const keys: string[] = [];
  const prefixes: string[] = [];
  const sizes: number[] = [];
  let token: string | undefined;
  do {
    const page = await s3.client.send(
      new ListObjectsV2Command({
        ...input,
        EncodingType: 'url',
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
    const own = page.Contents?.map(({ Key }) => decode(Key)) ?? [];
    const rolled = page.CommonPrefixes?.map(({ Prefix }) => decode(Prefix)) ?? [];
    expect(page.KeyCount).toBe(own.length + rolled.length);
    keys.push(...own);
    prefixes.push(...rolled);
    sizes.push(own.length + rolled.length);
    token = page.NextContinuationToken;
    expect(page.IsTruncated).toBe(token !== undefined);
  } while (token !== undefined);
  return { keys, prefixes, sizes };
}

describe('ListObjectsV2', () => {
  let bucket: string;
  beforeAll(async () => {
    bucket = await makeBucket(s3, 'awkward');
    await fill(bucket, AWKWARD_KEYS);
  });

  test.each(Array.from({ length: AWKWARD_KEYS.length + 1 }, (_, i) => i + 1))(
    'lists awkward keys in the order of their UTF-8 bytes, %d per page',
    async (MaxKeys) => {
      const { keys, sizes } = await listAll({ Bucket: bucket, MaxKeys });
      expect(keys).toEqual(byBytes(AWKWARD_KEYS));
      expect(sizes.slice(0, -1).every((size) => size === MaxKeys)).toBe(true);
    },
  );

  test('gives the same keys unencoded, but for what its XML reader drops', async () => {
    const { Contents } = await s3.client.send(new ListObjectsV2Command({ Bucket: bucket }));
    const readable = (key: string) => key !== '\n';
    // The SDK reads an element of white space only as empty.
    expect(Contents?.map(({ Key = '' }) => Key).filter((key) => key !== '')).toEqual(
      byBytes(AWKWARD_KEYS).filter(readable),
    );
  });

  test('starts after a key, whether it exists or not', async () => {
    const sorted = byBytes(AWKWARD_KEYS);
    const after = await listAll({ Bucket: bucket, StartAfter: 'a/b' });
    expect(after.keys).toEqual(sorted.slice(sorted.indexOf('a/b') + 1));
    const between = await listAll({ Bucket: bucket, StartAfter: 'a/b!' });
    expect(between.keys).toEqual(sorted.slice(sorted.indexOf('a/b/')));
  });

  test('refuses a page size or token it cannot read; no keys are no page', async () => {
    const list = (input: object) =>
      failureOf(s3.client.send(new ListObjectsV2Command({ Bucket: bucket, ...input })));
    expect((await list({ MaxKeys: -1 })).code).toBe('InvalidArgument');
    expect((await list({ ContinuationToken: '!' })).code).toBe('InvalidArgument');
    const none = await s3.client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 0 }));
    expect(none).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  test('pages, rolls up and restricts any keys like a plain model of S3', async () => {
    const alphabet = fc.constantFrom('a', 'b', '/', '|', 'é', '\ue000', '\u{1f600}', '\u{10ffff}');
    const text = (minLength: number, maxLength: number) =>
      fc.array(alphabet, { minLength, maxLength }).map((letters) => letters.join(''));
    const many = fc.uniqueArray(text(1, 6), { minLength: 1, maxLength: 25 });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(
        many,
        text(0, 2),
        fc.constantFrom('', '/', '|', 'a/'),
        fc.integer({ min: 1, max: 27 }),
        async (keys, Prefix, Delimiter, MaxKeys) => {
          number += 1;
          const Bucket = await makeBucket(s3, `model-${number}`);
          await fill(Bucket, keys);
          const matching = byBytes(keys).filter((key) => key.startsWith(Prefix));
          const rolled = (key: string) => {
            const end = Delimiter === '' ? -1 : key.indexOf(Delimiter, Prefix.length);
            return end === -1 ? undefined : key.slice(0, end + Delimiter.length);
          };
          const { keys: listed, prefixes } = await listAll({ Bucket, Prefix, Delimiter, MaxKeys });
          expect(listed).toEqual(matching.filter((key) => rolled(key) === undefined));
          expect(prefixes).toEqual([...new Set(matching.flatMap((key) => rolled(key) ?? []))]);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('ListObjects', () => {
  test('goes on after a marker that is a key or a common prefix', async () => {
    const Bucket = await makeBucket(s3, 'older');
    await fill(Bucket, ['a', 'b/1', 'b/2', 'c', 'd/1']);
    const seen: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await s3.client.send(
        new ListObjectsCommand({
          Bucket,
          Delimiter: '/',
          MaxKeys: 1,
          ...(Marker === undefined ? {} : { Marker }),
        }),
      );
      seen.push(page.Contents?.[0]?.Key ?? page.CommonPrefixes?.[0]?.Prefix);
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    expect(seen).toEqual(['a', 'b/', 'c', 'd/']);
  });
});

describe('ListObjectVersions', () => {
  const expected = ['a:3', 'a:2', 'a:1', 'b/x:1', 'c:2', 'c:1'];

  async function listVersions(input: object) {
    const seen: unknown[] = [];
    let markers = {};
    for (;;) {
      const page = await s3.client.send(
        new ListObjectVersionsCommand({ Bucket: 'versions', ...input, ...markers }),
      );
      const versions = page.Versions ?? [];
      const prefixes = page.CommonPrefixes ?? [];
      seen.push(...versions.map(({ Key, Size }) => `${Key}:${Size}`));
      seen.push(...prefixes.map(({ Prefix }) => Prefix));
      if (!page.IsTruncated) {
        return seen;
      }
      markers = {
        KeyMarker: page.NextKeyMarker,
        ...(page.NextVersionIdMarker === undefined
          ? {}
          : { VersionIdMarker: page.NextVersionIdMarker }),
      };
    }
  }

  beforeAll(async () => {
    const Bucket = await makeBucket(s3, 'versions', 'versioned');
    for (const [Key, Body] of [
      ['a', '1'],
      ['c', '1'],
      ['a', '22'],
      ['b/x', '1'],
      ['c', '22'],
      ['a', '333'],
    ] as const) {
      await s3.client.send(new PutObjectCommand({ Bucket, Key, Body }));
    }
  });

  test.each([1, 2, 3, 4, 5, 6, 7])('lists newest first within a key, %d per page', async (n) => {
    expect(await listVersions({ MaxKeys: n })).toEqual(expected);
  });

  test.each([1, 2, 3, 1000])('rolls up prefixes, %d per page', async (n) => {
    const rolled = await listVersions({ MaxKeys: n, Delimiter: '/' });
    expect([...rolled].sort()).toEqual(['a:1', 'a:2', 'a:3', 'b/', 'c:1', 'c:2']);
  });
});
