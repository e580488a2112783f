import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OPERATOR, recordingService, startTestGateway } from './gateway-fixture.ts';

let local: Awaited<ReturnType<typeof startTestGateway>>;
beforeEach(async () => {
  local = await startTestGateway(() => [recordingService('s3'), recordingService('dynamodb')]);
});
afterEach(() => local.close());

async function get(region: string, secretAccessKey = OPERATOR.secretAccessKey): Promise<void> {
  const client = new S3Client({
    region,
    endpoint: local.endpoint,
    maxAttempts: 1,
    credentials: { ...OPERATOR, secretAccessKey },
    forcePathStyle: true,
  });
  await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'k' })).catch(() => undefined);
  client.destroy();
}

async function counts(method = 'GET'): Promise<unknown> {
  const response = await fetch(`${local.endpoint}/_local/requests`, { method });
  return ((await response.json()) as { requests: unknown }).requests;
}

test('requests are counted by service, operation and Region', async () => {
  await get('eu-west-1');
  await get('eu-central-1');
  await get('eu-central-1');
  const client = new DynamoDBClient({
    region: 'eu-central-1',
    endpoint: local.endpoint,
    credentials: OPERATOR,
  });
  await client.send(new GetItemCommand({ TableName: 'table', Key: { pk: { S: 'a' } } }));
  client.destroy();
  expect(await counts()).toEqual({
    'dynamodb GetItem eu-central-1': 1,
    's3 GetObject eu-central-1': 2,
    's3 GetObject eu-west-1': 1,
  });
});

test('one that is signed wrongly is not counted, and counts can be reset', async () => {
  await get('eu-central-1', 'wrong');
  expect(await counts()).toEqual({});
  await get('eu-central-1');
  expect(await counts('DELETE')).toEqual({});
  expect(await counts()).toEqual({});
});
