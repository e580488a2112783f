import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, makeBucket, type S3ForTest, startS3ForTest } from '../support/s3-for-test.ts';
import { sendRawS3 } from '../support/send-raw-s3.ts';

let s3: S3ForTest;
beforeAll(async () => {
  s3 = await startS3ForTest();
});
afterAll(() => s3.close());

async function put(Bucket: string, Key: string, Body = 'x') {
  return s3.client.send(new PutObjectCommand({ Bucket, Key, Body }));
}

async function read(Bucket: string, Key: string, VersionId?: string): Promise<string | undefined> {
  const answer = await s3.client.send(
    new GetObjectCommand({ Bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) }),
  );
  return answer.Body?.transformToString();
}

describe('deleting', () => {
  test('in a bucket without versions removes the object; doing it twice succeeds', async () => {
    const Bucket = await makeBucket(s3, 'plain');
    await put(Bucket, 'k');
    const first = await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(first.DeleteMarker).toBeUndefined();
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect((await failureOf(read(Bucket, 'k'))).code).toBe('NoSuchKey');
  });

  test('in a versioned bucket hides the object behind a marker', async () => {
    const Bucket = await makeBucket(s3, 'versioned', 'versioned');
    const { VersionId } = await put(Bucket, 'k', 'kept');
    const marker = await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(marker).toMatchObject({ DeleteMarker: true });
    const path = `/${Bucket}/k`;
    const hidden = await sendRawS3(s3, { method: 'GET', path });
    expect(hidden.status).toBe(404);
    expect(hidden.headers).toMatchObject({
      'x-amz-delete-marker': 'true',
      'x-amz-version-id': marker.VersionId,
    });
    const query = { versionId: marker.VersionId as string };
    const asVersion = await sendRawS3(s3, { method: 'HEAD', path, query });
    expect(asVersion.status).toBe(405);
    expect(asVersion.headers).toMatchObject({ 'x-amz-delete-marker': 'true', allow: 'DELETE' });
    expect(await read(Bucket, 'k', VersionId)).toBe('kept');
    const { KeyCount } = await s3.client.send(new ListObjectsV2Command({ Bucket }));
    expect(KeyCount).toBe(0);
    const undone = await s3.client.send(
      new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: marker.VersionId as string }),
    );
    expect(undone).toMatchObject({ DeleteMarker: true, VersionId: marker.VersionId });
    expect(await read(Bucket, 'k')).toBe('kept');
  });

  test('the newest version brings back the one before', async () => {
    const Bucket = await makeBucket(s3, 'history', 'versioned');
    await put(Bucket, 'k', 'one');
    const second = await put(Bucket, 'k', 'two');
    await s3.client.send(
      new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: second.VersionId as string }),
    );
    expect(await read(Bucket, 'k')).toBe('one');
    const { Versions } = await s3.client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions).toMatchObject([{ Key: 'k', IsLatest: true }]);
  });

  test('an If-None-Match: * write succeeds behind a delete marker', async () => {
    const Bucket = await makeBucket(s3, 'behind-marker', 'versioned');
    await put(Bucket, 'k');
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    const again = new PutObjectCommand({ Bucket, Key: 'k', Body: 'again', IfNoneMatch: '*' });
    await s3.client.send(again);
    expect((await failureOf(s3.client.send(again))).status).toBe(412);
  });

  test('with If-Match removes only that very object', async () => {
    const Bucket = await makeBucket(s3, 'conditional');
    const { ETag = '' } = await put(Bucket, 'k');
    const remove = (IfMatch: string) =>
      s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'k', IfMatch }));
    expect((await failureOf(remove('"other"'))).status).toBe(412);
    await remove(ETag);
    expect((await failureOf(read(Bucket, 'k'))).code).toBe('NoSuchKey');
  });

  test('suspended versioning keeps numbered versions and replaces the null one', async () => {
    const Bucket = await makeBucket(s3, 'suspended', 'versioned');
    const numbered = await put(Bucket, 'k', 'numbered');
    await s3.client.send(
      new PutBucketVersioningCommand({
        Bucket,
        VersioningConfiguration: { Status: 'Suspended' },
      }),
    );
    await put(Bucket, 'k', 'first null');
    const second = await put(Bucket, 'k', 'second null');
    expect(second.VersionId).toBe('null');
    const marker = await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(marker).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
    const listed = await s3.client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(listed.Versions).toMatchObject([{ VersionId: numbered.VersionId, IsLatest: false }]);
    expect(listed.DeleteMarkers).toMatchObject([{ VersionId: 'null', IsLatest: true }]);
  });

  test('many at once reports each, or only errors when quiet', async () => {
    const Bucket = await makeBucket(s3, 'many', 'versioned');
    const keys = ['a', ' b', 'c\n', '<&>', 'ключ'];
    await Promise.all(keys.map((key) => put(Bucket, key)));
    const Objects = [...keys, 'never there'].map((Key) => ({ Key }));
    const loud = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(loud.Deleted?.map(({ Key, DeleteMarker }) => [Key, DeleteMarker])).toEqual(
      Objects.map(({ Key }) => [Key, true]),
    );
    const quiet = await s3.client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
    );
    expect(quiet.Deleted ?? []).toEqual([]);
    const head = s3.client.send(new HeadObjectCommand({ Bucket, Key: 'c\n' }));
    expect((await failureOf(head)).status).toBe(404);
  });

  test('many at once needs a checksum and at most 1,000 keys', async () => {
    const Bucket = await makeBucket(s3, 'too-many');
    const bare = await sendRawS3(s3, {
      method: 'POST',
      path: `/${Bucket}`,
      query: { delete: '' },
      body: '<Delete><Object><Key>k</Key></Object></Delete>',
    });
    expect(bare.body).toContain('Content-MD5 OR x-amz-checksum-');
    const Objects = Array.from({ length: 1001 }, (_, i) => ({ Key: `k${i}` }));
    const tooMany = new DeleteObjectsCommand({ Bucket, Delete: { Objects } });
    expect((await failureOf(s3.client.send(tooMany))).code).toBe('MalformedXML');
  });
});
