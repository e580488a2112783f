import { createHash } from 'node:crypto';
import {
  CopyObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, makeBucket, type S3ForTest, startS3ForTest } from '../support/s3-for-test.ts';

const BODY = '0123456789';

let s3: S3ForTest;
let Bucket: string;
let etag: string;
beforeAll(async () => {
  s3 = await startS3ForTest();
  Bucket = await makeBucket(s3, 'reads', 'versioned');
  const put = await s3.client.send(
    new PutObjectCommand({
      Bucket,
      Key: 'digits',
      Body: BODY,
      Metadata: { kind: 'digits' },
      ContentType: 'text/plain',
      Tagging: 'a=1',
    }),
  );
  etag = put.ETag as string;
});
afterAll(() => s3.close());

function get(input: Partial<GetObjectCommandInput> = {}) {
  return s3.client.send(new GetObjectCommand({ Bucket, Key: 'digits', ...input }));
}

describe('ranges', () => {
  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', BODY, 'bytes 0-9/10'],
    ['bytes=5-99', '56789', 'bytes 5-9/10'],
  ])('%s', async (Range, text, ContentRange) => {
    const answer = await get({ Range });
    expect(answer).toMatchObject({ ContentRange, ContentLength: text.length });
    expect(answer.$metadata.httpStatusCode).toBe(206);
    expect(await answer.Body?.transformToString()).toBe(text);
  });

  test.each(['bytes=10-', 'bytes=11-12', 'bytes=-0'])('%s is not satisfiable', async (Range) => {
    expect(await failureOf(get({ Range }))).toMatchObject({ code: 'InvalidRange', status: 416 });
  });

  test.each(['bytes=4-2', 'bytes=0-1,3-4', 'lines=1-2'])('%s is ignored', async (Range) => {
    const answer = await get({ Range });
    expect(answer.$metadata.httpStatusCode).toBe(200);
    expect(await answer.Body?.transformToString()).toBe(BODY);
  });

  test('an empty object is read whole', async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: Buffer.alloc(0) }));
    const answer = await get({ Key: 'empty' });
    expect(await answer.Body?.transformToString()).toBe('');
    expect(answer.ContentLength).toBe(0);
  });
});

describe('conditions and overrides', () => {
  test('hold and fail as HTTP says', async () => {
    const before = new Date('2026-11-02T07:59:59Z');
    const at = new Date('2026-11-02T08:00:00Z');
    await get({ IfMatch: etag });
    await get({ IfNoneMatch: '"other"', IfModifiedSince: before, IfUnmodifiedSince: at });
    expect((await failureOf(get({ IfMatch: '"other"' }))).status).toBe(412);
    expect((await failureOf(get({ IfUnmodifiedSince: before }))).status).toBe(412);
    expect((await failureOf(get({ IfNoneMatch: etag }))).status).toBe(304);
    expect((await failureOf(get({ IfModifiedSince: at }))).status).toBe(304);
  });

  test('headers of the answer can be replaced', async () => {
    const answer = await get({
      ResponseContentType: 'application/x',
      ResponseContentDisposition: 'attachment',
    });
    expect(answer).toMatchObject({
      ContentType: 'application/x',
      ContentDisposition: 'attachment',
      TagCount: 1,
      Metadata: { kind: 'digits' },
    });
  });

  test('replaced headers may hold any text but control characters', async () => {
    const name = 'attachment; filename="客户.txt"';
    const answer = await get({ ResponseContentDisposition: name });
    expect(Buffer.from(answer.ContentDisposition ?? '', 'latin1').toString()).toBe(name);
    const split = await failureOf(get({ ResponseContentDisposition: 'a\r\nx-injected: 1' }));
    expect(split.code).toBe('InvalidArgument');
  });

  test('attributes are given as asked', async () => {
    const answer = await s3.client.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: 'digits',
        ObjectAttributes: ['ETag', 'ObjectSize', 'Checksum', 'StorageClass'],
      }),
    );
    expect(answer).toMatchObject({
      ETag: etag.replaceAll('"', ''),
      ObjectSize: 10,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumType: 'FULL_OBJECT' },
    });
  });

  test('what does not exist is named', async () => {
    expect(await failureOf(get({ Key: 'none' }))).toMatchObject({ code: 'NoSuchKey', status: 404 });
    const version = await failureOf(get({ VersionId: 'none' }));
    expect(version).toMatchObject({ code: 'NoSuchVersion', status: 404 });
  });
});

describe('copies', () => {
  const CopySource = 'reads/digits';

  test('keep or replace metadata and tags', async () => {
    const copy = (Key: string, input: object) =>
      s3.client.send(new CopyObjectCommand({ Bucket, Key, CopySource, ...input }));
    await copy('kept', {});
    const kept = await get({ Key: 'kept' });
    expect(kept).toMatchObject({ ETag: etag, Metadata: { kind: 'digits' }, TagCount: 1 });
    expect(await kept.Body?.transformToString()).toBe(BODY);
    await copy('replaced', {
      MetadataDirective: 'REPLACE',
      Metadata: { other: '1' },
      TaggingDirective: 'REPLACE',
      Tagging: 'b=2',
      ChecksumAlgorithm: 'SHA256',
    });
    const replaced = await get({ Key: 'replaced', ChecksumMode: 'ENABLED' });
    expect(replaced.Metadata).toEqual({ other: '1' });
    expect(replaced.ChecksumSHA256).toBe(createHash('sha256').update(BODY).digest('base64'));
    const { TagSet } = await s3.client.send(
      new GetObjectTaggingCommand({ Bucket, Key: 'replaced' }),
    );
    expect(TagSet).toEqual([{ Key: 'b', Value: '2' }]);
  });

  test('onto itself need a change', async () => {
    const itself = new CopyObjectCommand({ Bucket, Key: 'digits', CopySource });
    expect((await failureOf(s3.client.send(itself))).code).toBe('InvalidRequest');
  });

  test('take a named version and honour conditions on the source', async () => {
    const first = await s3.client.send(new PutObjectCommand({ Bucket, Key: 'v %', Body: 'one' }));
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'v %', Body: 'two' }));
    const source = `reads/v%20%25?versionId=${first.VersionId}`;
    const answer = await s3.client.send(
      new CopyObjectCommand({ Bucket, Key: 'old', CopySource: source }),
    );
    expect(answer.CopySourceVersionId).toBe(first.VersionId);
    expect(await (await get({ Key: 'old' })).Body?.transformToString()).toBe('one');
    const refused = new CopyObjectCommand({
      Bucket,
      Key: 'x',
      CopySource: source,
      CopySourceIfNoneMatch: first.ETag as string,
    });
    expect((await failureOf(s3.client.send(refused))).status).toBe(412);
    const missing = new CopyObjectCommand({ Bucket, Key: 'x', CopySource: 'reads/none' });
    expect((await failureOf(s3.client.send(missing))).code).toBe('NoSuchKey');
  });

  test('get their own lock in a lock bucket', async () => {
    const locked = await makeBucket(s3, 'copy-locked', 'locked');
    const lock = {
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: new Date('2027-01-01T00:00:00Z'),
    } as const;
    await s3.client.send(new CopyObjectCommand({ Bucket: locked, Key: 'k', CopySource, ...lock }));
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: locked, Key: 'k' }));
    expect(head).toMatchObject(lock);
  });
});
