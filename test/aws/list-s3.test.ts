import { Readable } from 'node:stream';
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { listObjects } from '../../shared/aws/list-s3-objects.ts';
import { listVersions } from '../../shared/aws/list-s3-versions.ts';

import { awsAnswerOf } from '../../shared/aws/translate-errors.ts';

const s3 = mockClient(new S3Client({ region: 'eu-central-1' }));
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

/** An S3 that answers its requests with these bodies, in their order. */
function answering(...answers: readonly (readonly [status: number, body: string])[]) {
  const queries: Record<string, unknown>[] = [];
  const rest = [...answers];
  const handle = async ({ query }: { query: Record<string, unknown> }) => {
    queries.push(query);
    const [statusCode, body] = rest.shift() ?? [500, ''];
    return { response: { statusCode, headers: {}, body: Readable.from([Buffer.from(body)]) } };
  };
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
  const requestHandler = { handle } as never;
  const options = { region: 'eu-central-1', credentials, requestHandler, maxAttempts: 2 };
  return { client: new S3Client(options), queries };
}

describe('listing objects', () => {
  const object = (key: string) =>
    `<Contents><Key>${key}</Key><LastModified>${AT.toISOString()}</LastModified>` +
    '<ETag>&quot;e&quot;</ETag><Size>1</Size></Contents>';
  const page = (inside: string) => `<ListBucketResult>${inside}</ListBucketResult>`;
  const listed = async (client: S3Client, upTo: string | null = null) =>
    (await all(listObjects(client, 'records', 'clients/1/', { after: 'Z', upTo }))).flat();

  test('all pages are read, and the prefix itself is no record', async () => {
    const token = '<NextContinuationToken>token</NextContinuationToken>';
    const { client, queries } = answering(
      [200, page(token + object('clients/1/') + object('clients/1/a'))],
      [200, page(object('clients/1/sub/'))],
    );
    const found = await listed(client);
    expect(found.map(({ path }) => path)).toEqual(['a', 'sub/']);
    expect(found[0]).toEqual({ path: 'a', size: 1, etag: 'e', modified: AT.toISOString() });
    expect(queries).toEqual([
      expect.objectContaining({ prefix: 'clients/1/', 'start-after': 'clients/1/Z' }),
      expect.objectContaining({ 'continuation-token': 'token', 'encoding-type': 'url' }),
    ]);
  });

  test('nothing is asked for behind the end of the range', async () => {
    const token = '<NextContinuationToken>token</NextContinuationToken>';
    const objects = ['a', 'b', 'c'].map((path) => object(`clients/1/${path}`));
    const { client, queries } = answering([200, page(token + objects.join(''))]);
    expect((await listed(client, 'b')).map(({ path }) => path)).toEqual(['a', 'b']);
    expect(queries).toHaveLength(1);
  });

  test('an error with the status of success is asked again, as the SDK does', async () => {
    const error = '<Error><Code>InternalError</Code><Message>later</Message></Error>';
    const { client, queries } = answering([200, error], [200, page(object('clients/1/a'))]);
    expect(await listed(client)).toHaveLength(1);
    expect(queries).toHaveLength(2);
  });

  test('an answer that breaks off is no end of the listing', async () => {
    const { client } = answering([200, page(object('clients/1/a')).slice(0, -4)]);
    const failure = await listed(client).catch((error: unknown) => error);
    expect(awsAnswerOf(failure)).toMatchObject({ status: 200, isTransient: true });
  });

  test("an error is the SDK's own", async () => {
    const error = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>';
    const { client } = answering([403, error]);
    const failure = await listed(client).catch((thrown: unknown) => thrown);
    expect(awsAnswerOf(failure)).toMatchObject({ code: 'AccessDenied', status: 403 });
  });
});
