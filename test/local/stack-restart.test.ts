import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetObjectLockConfigurationCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DataDirectoryError } from '../../local/data-directory-lock.ts';
import { startEmbeddedAws } from '../../local/embedded-aws.ts';
import { signHeaders } from './sign-request.ts';
import { functionNamed, SECONDARY, TestApp, until } from './stack-app.ts';

const STUCK_ONCE = `import { existsSync, writeFileSync } from 'node:fs';
export const handler = async ({ marker }) => {
  if (existsSync(marker)) { console.log('done'); return; }
  writeFileSync(marker, '');
  console.log('stuck');
  await new Promise(() => setInterval(() => {}, 1000));
};`;

const app = new TestApp([
  {
    name: 'data',
    region: SECONDARY,
    code: {},
    resources: {
      Bucket: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          BucketName: 'copy',
          ObjectLockEnabled: true,
          VersioningConfiguration: { Status: 'Enabled' },
          BucketEncryption: {},
        },
      },
      Policy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument: { Statement: [] } },
      },
      Table: {
        Type: 'AWS::DynamoDB::GlobalTable',
        Properties: {
          TableName: 'ledger',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
          Replicas: [
            {
              Region: SECONDARY,
              DeletionProtectionEnabled: true,
              PointInTimeRecoverySpecification: {
                PointInTimeRecoveryEnabled: true,
                RecoveryPeriodInDays: 35,
              },
            },
          ],
        },
      },
      Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: { Statement: [] } } },
      Alias: {
        Type: 'AWS::KMS::Alias',
        Properties: { AliasName: 'alias/signing', TargetKeyId: { Ref: 'Key' } },
      },
    },
    outputs: {
      Key: { Value: { Ref: 'Key' } },
      BucketArn: { Value: { 'Fn::GetAtt': 'Bucket.Arn' } },
    },
  },
  {
    name: 'work',
    code: { 'stuck-once': STUCK_ONCE },
    resources: { Stuck: functionNamed('stuck-once') },
  },
]);

beforeAll(async () => {
  await app.start();
});
afterAll(async () => await app.remove());

function clients() {
  const settings = app.clientSettings('operator', SECONDARY);
  return {
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    dynamodb: new DynamoDBClient(settings),
    kms: new KMSClient(settings),
  };
}

test('templates are deployed again onto the same data after a restart', async () => {
  const first = clients();
  expect(app.aws.outputs.data?.BucketArn).toBe('arn:aws:s3:::copy');
  const lock = await first.s3.send(new GetObjectLockConfigurationCommand({ Bucket: 'copy' }));
  expect(lock.ObjectLockConfiguration?.ObjectLockEnabled).toBe('Enabled');
  await first.s3.send(new PutObjectCommand({ Bucket: 'copy', Key: 'k', Body: 'v' }));
  await first.dynamodb.send(
    new PutItemCommand({ TableName: 'ledger', Item: { pk: { S: 'vault' } } }),
  );
  const TableName = 'ledger';
  const { Table } = await first.dynamodb.send(new DescribeTableCommand({ TableName }));
  expect(Table?.DeletionProtectionEnabled).toBe(true);
  const backups = await first.dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
  expect(backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription).toMatchObject({
    PointInTimeRecoveryStatus: 'ENABLED',
    RecoveryPeriodInDays: 35,
  });
  const keyId = app.aws.outputs.data?.Key;
  await app.aws.clock.moveTo(new Date(app.aws.clock.now().getTime() + 86_400_000));
  const now = app.aws.clock.now().getTime();

  await app.stop();
  await app.start();

  const second = clients();
  const item = await second.dynamodb.send(
    new GetItemCommand({ TableName: 'ledger', Key: { pk: { S: 'vault' } } }),
  );
  expect(item.Item).toEqual({ pk: { S: 'vault' } });
  expect(app.aws.outputs.data?.Key).toBe(keyId);
  const { KeyMetadata } = await second.kms.send(new DescribeKeyCommand({ KeyId: 'alias/signing' }));
  expect(KeyMetadata?.KeyId).toBe(keyId);
  expect(app.aws.clock.now().getTime()).toBeGreaterThanOrEqual(now);
});

test('an accepted asynchronous event is taken up again after a restart', async () => {
  await app.lambda().send(
    new InvokeCommand({
      FunctionName: 'stuck-once',
      InvocationType: 'Event',
      Payload: JSON.stringify({ marker: `${app.root}/marker` }),
    }),
  );
  await until(() => (app.aws.logs.read('stuck-once') ?? '').includes('stuck\n'));
  await app.stop();
  await app.start();
  await app.aws.settled();
  expect(app.aws.logs.read('stuck-once')).toMatch(/done\n$/);
});

test('a second server on the same data directory is refused', async () => {
  const second = startEmbeddedAws({ port: 0, dataDirectory: app.data });
  await expect(second).rejects.toThrow(DataDirectoryError);
});

test('a service that is not there is refused by name', async () => {
  const body = '{}';
  const { host } = new URL(app.aws.endpoint);
  const headers = signHeaders({
    accessKeyId: 'operator',
    secretAccessKey: 'operator-secret',
    service: 'monitoring',
    method: 'POST',
    host,
    path: '/',
    body,
    date: app.aws.clock.now(),
  });
  const answer = await fetch(app.aws.endpoint, {
    method: 'POST',
    body,
    headers: { ...headers, 'content-type': 'application/x-amz-json-1.0' },
  });
  expect(answer.status).toBe(501);
  expect(await answer.text()).toMatch(/no service monitoring; it has .*kms.*lambda/);
});
