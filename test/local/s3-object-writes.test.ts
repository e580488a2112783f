import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  ChecksumAlgorithm,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeMetadata, encodeMetadata } from '../../local/s3/encode-metadata.ts';
import { failureOf, makeBucket, type S3ForTest, startS3ForTest } from '../support/s3-for-test.ts';
import { sendRawS3 } from '../support/send-raw-s3.ts';

let s3: S3ForTest;
let Bucket: string;
beforeAll(async () => {
  s3 = await startS3ForTest();
  Bucket = await makeBucket(s3, 'writes');
});
afterAll(() => s3.close());

function put(Key: string, input: Partial<PutObjectCommandInput> = {}) {
  return s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'content', ...input }));
}

describe('checksums of a write', () => {
  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    '%s is verified, stored and given back, in a header and in a trailer',
    async (algorithm) => {
      const member = `Checksum${algorithm}` as const;
      const Body = Buffer.alloc(200_000, algorithm);
      const inHeader = await put('in-header', { ChecksumAlgorithm: algorithm, Body });
      const inTrailer = await put('in-trailer', {
        ChecksumAlgorithm: algorithm,
        Body: Readable.from([Body.subarray(0, 70_000), Body.subarray(70_000)]),
        ContentLength: Body.length,
      });
      expect(inTrailer[member]).toMatch(/=$|^[A-Za-z0-9+/]+$/);
      expect(inTrailer[member]).toBe(inHeader[member]);
      const stored = await s3.client.send(
        new HeadObjectCommand({ Bucket, Key: 'in-trailer', ChecksumMode: 'ENABLED' }),
      );
      expect(stored[member]).toBe(inHeader[member]);
      expect(stored.ETag).toBe(inHeader.ETag);
      const wrong = put('wrong', { [member]: inHeader[member], Body: 'something else' });
      expect((await failureOf(wrong)).code).toBe('BadDigest');
    },
  );

  test('a wrong trailer is a bad digest and leaves no object', async () => {
    const body = '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n';
    const answer = await sendRawS3(s3, {
      method: 'PUT',
      path: `/${Bucket}/corrupt`,
      headers: {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': '5',
        'x-amz-trailer': 'x-amz-checksum-crc32',
        'content-encoding': 'aws-chunked',
      },
      body,
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('<Code>BadDigest</Code>');
    const head = s3.client.send(new HeadObjectCommand({ Bucket, Key: 'corrupt' }));
    expect((await failureOf(head)).status).toBe(404);
  });

  test('a body that differs from its signed hash is refused', async () => {
    const answer = await sendRawS3(s3, {
      method: 'PUT',
      path: `/${Bucket}/other-hash`,
      headers: { 'x-amz-content-sha256': createHash('sha256').update('a').digest('hex') },
      body: 'b',
    });
    expect(answer.body).toContain('<Code>XAmzContentSHA256Mismatch</Code>');
  });

  test('fewer bytes than announced are refused', async () => {
    const answer = await sendRawS3(s3, {
      method: 'PUT',
      path: `/${Bucket}/short`,
      headers: {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': '6',
      },
      body: '5\r\nhello\r\n0\r\n\r\n',
    });
    expect(answer.body).toContain('<Code>IncompleteBody</Code>');
  });

  test('without a checksum the server adds CRC64NVME', async () => {
    const path = `/${Bucket}/unsummed`;
    const { headers } = await sendRawS3(s3, { method: 'PUT', path, body: '123456789' });
    const expected = Buffer.from('ae8b14860a799888', 'hex').toString('base64');
    expect(headers).toMatchObject({
      'x-amz-checksum-crc64nvme': expected,
      'x-amz-checksum-type': 'FULL_OBJECT',
    });
  });

  test('algorithms it lacks are refused by name, unknown ones are invalid', async () => {
    const xxhash = { 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' };
    const lacking = await sendRawS3(s3, { method: 'PUT', path: `/${Bucket}/x`, headers: xxhash });
    expect(lacking.body).toContain('local s3 has no XXHASH64; it has: CRC32, CRC32C, CRC64NVME');
    const two = { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-sha1': 'x' };
    const twice = await sendRawS3(s3, { method: 'PUT', path: `/${Bucket}/x`, headers: two });
    expect(twice.body).toContain('<Code>InvalidRequest</Code>');
    expect(Object.keys(ChecksumAlgorithm)).toContain('XXHASH64');
  });

  test('a single put over 5 GiB is refused before its body', async () => {
    const answer = await sendRawS3(s3, {
      method: 'PUT',
      path: `/${Bucket}/huge`,
      headers: {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': String(5 * 1024 ** 3 + 1),
      },
    });
    expect(answer.body).toContain('<Code>EntityTooLarge</Code>');
  });
});

describe('conditional writes', () => {
  test('If-None-Match: * writes once', async () => {
    await put('once', { IfNoneMatch: '*' });
    expect(await failureOf(put('once', { IfNoneMatch: '*' }))).toMatchObject({
      code: 'PreconditionFailed',
      status: 412,
    });
  });

  test('of many concurrent If-None-Match: * writes one wins', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        put('race', { IfNoneMatch: '*', Body: Buffer.alloc(100_000 + i) }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('If-Match needs that very ETag', async () => {
    const { ETag = '' } = await put('matched');
    const next = await put('matched', { IfMatch: ETag, Body: 'next' });
    expect((await failureOf(put('matched', { IfMatch: ETag }))).status).toBe(412);
    expect((await failureOf(put('nothing', { IfMatch: ETag }))).status).toBe(404);
    expect(next.ETag).not.toBe(ETag);
  });
});

describe('what a write says about its object', () => {
  test('content headers, metadata, tags and storage class come back', async () => {
    const described = {
      ContentType: 'text/plain; charset=utf-8',
      CacheControl: 'no-cache',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      StorageClass: 'STANDARD_IA',
      Metadata: { source: 'scanner 3', empty: '' },
    } as const;
    const Body = Readable.from([Buffer.from('streamed, so that aws-chunked is added')]);
    await put('described', { ...described, Body, ContentLength: 38, Tagging: 'a=1&b=x%20y' });
    const answer = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'described' }));
    expect(answer).toMatchObject({ ...described, TagCount: 2, ContentLength: 38 });
    const { TagSet } = await s3.client.send(
      new GetObjectTaggingCommand({ Bucket, Key: 'described' }),
    );
    expect(TagSet).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: 'x y' },
    ]);
  });

  test('metadata beyond ASCII is taken as RFC 2047 and given back encoded', async () => {
    const text = '客户 Müller';
    const encoded = `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
    await put('unicode', { Metadata: { word: encoded, quoted: '=?utf-8?q?M=C3=BCller_1?=' } });
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'unicode' }));
    const quoted = `=?UTF-8?B?${Buffer.from('Müller 1').toString('base64')}?=`;
    expect(head.Metadata).toEqual({ word: encoded, quoted });
  });

  test.each(['客户', 'naïve', 'plain', ''])('metadata %j is taken as raw UTF-8 too', (text) => {
    const asHeader = Buffer.from(text).toString('latin1');
    expect(decodeMetadata(asHeader)).toBe(text);
    expect(decodeMetadata(encodeMetadata(text))).toBe(text);
  });

  test('more than 2 KiB of metadata are refused', async () => {
    const refused = await failureOf(put('chatty', { Metadata: { long: 'x'.repeat(2045) } }));
    expect(refused.code).toBe('MetadataTooLarge');
    await put('chatty', { Metadata: { long: 'x'.repeat(2044) } });
  });

  test('tags are replaced as a whole, ten at most', async () => {
    await put('tagged', { Tagging: 'old=1' });
    const tag = (count: number) =>
      s3.client.send(
        new PutObjectTaggingCommand({
          Bucket,
          Key: 'tagged',
          Tagging: {
            TagSet: Array.from({ length: count }, (_, i) => ({ Key: `k${i}`, Value: '<&>' })),
          },
        }),
      );
    await tag(10);
    expect((await failureOf(tag(11))).code).toBe('BadRequest');
    const { TagSet } = await s3.client.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }));
    expect(TagSet).toHaveLength(10);
    expect(TagSet?.[0]).toEqual({ Key: 'k0', Value: '<&>' });
  });

  test('a key of 1,024 bytes is the longest', async () => {
    await put('é'.repeat(512));
    expect((await failureOf(put(`${'é'.repeat(512)}x`))).code).toBe('KeyTooLongError');
  });
});
