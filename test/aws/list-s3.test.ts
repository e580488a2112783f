import { ListObjectsV2Command, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { listObjects } from '../../shared/aws/list-s3-objects.ts';
import { listVersions } from '../../shared/aws/list-s3-versions.ts';

const s3 = mockClient(S3Client);
const client = s3 as unknown as S3Client;
const AT = new Date('2026-11-02T08:00:00Z');

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) {
    found.push(item);
  }
  return found;
}

beforeEach(() => s3.reset());

describe('listing versions', () => {
  test('a further page starts at the decoded key of the one before', async () => {
    s3.on(ListObjectVersionsCommand)
      .resolvesOnce({
        IsTruncated: true,
        Versions: [{ Key: 'a+%E5%AE%A2%2B', VersionId: '1', Size: 3, LastModified: AT }],
        NextKeyMarker: 'a+%E5%AE%A2%2B',
        NextVersionIdMarker: '1',
      })
      .resolvesOnce({ Versions: [{ Key: 'b', VersionId: '2', Size: 4, LastModified: AT }] });
    const found = await all(listVersions(client, 'copy', 'prefix/'));
    expect(found.map(({ key, size }) => [key, size])).toEqual([
      ['a 客+', 3],
      ['b', 4],
    ]);
    expect(s3.commandCalls(ListObjectVersionsCommand)[1]?.args[0].input).toMatchObject({
      Prefix: 'prefix/',
      KeyMarker: 'a 客+',
      VersionIdMarker: '1',
    });
  });

  test('versions and delete markers of a page are put back into one order', async () => {
    const later = new Date('2026-11-02T09:00:00Z');
    s3.on(ListObjectVersionsCommand).resolves({
      Versions: [
        { Key: 'a', VersionId: 'a2', LastModified: later },
        { Key: 'a', VersionId: 'a1', LastModified: AT },
        { Key: 'b', VersionId: 'b1', LastModified: AT },
      ],
      DeleteMarkers: [
        { Key: 'a', VersionId: 'a3', LastModified: later, IsLatest: true },
        { Key: 'b', VersionId: 'b2', LastModified: AT, IsLatest: true },
      ],
    });
    const found = await all(listVersions(client, 'copy', ''));
    expect(found.map(({ versionId }) => versionId)).toEqual(['a3', 'a2', 'a1', 'b2', 'b1']);
  });
});

describe('listing objects', () => {
  test('all pages are read, and the prefix itself is no record', async () => {
    const object = { Size: 1, ETag: '"e"', LastModified: AT };
    s3.on(ListObjectsV2Command)
      .resolvesOnce({
        Contents: [
          { ...object, Key: 'clients/1/' },
          { ...object, Key: 'clients/1/a' },
        ],
        NextContinuationToken: 'token',
      })
      .resolvesOnce({ Contents: [{ ...object, Key: 'clients/1/sub/' }] });
    const found = (await all(listObjects(client, 'records', 'clients/1/'))).flat();
    expect(found.map(({ path }) => path)).toEqual(['a', 'sub/']);
    expect(found[0]).toEqual({ path: 'a', size: 1, etag: 'e', modified: AT.toISOString() });
    expect(s3.commandCalls(ListObjectsV2Command)[1]?.args[0].input.ContinuationToken).toBe('token');
  });
});
