import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ListBackupsCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineMissingError, findEngine } from '../../local/dynamodb/find-engine.ts';
import { type DynamoDbService, startDynamoDb } from '../../local/dynamodb/start-dynamodb.ts';
import { OPERATOR, startTestGateway, temporaryDirectory } from './gateway-fixture.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let service: DynamoDbService;
let local: Awaited<ReturnType<typeof startTestGateway>>;
let europe: DynamoDBClient;
let america: DynamoDBClient;
const TableName = 'ledger';

beforeAll(async () => {
  directory = temporaryDirectory();
  service = await startDynamoDb({ dataDirectory: directory.path });
  local = await startTestGateway(() => [service]);
  const client = (region: string) =>
    new DynamoDBClient({ region, endpoint: local.endpoint, maxAttempts: 1, credentials: OPERATOR });
  europe = client('eu-central-1');
  america = client('us-east-1');
  await europe.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
});
afterAll(async () => {
  europe.destroy();
  america.destroy();
  await local.close();
  directory.remove();
});

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'state' } });

describe('the pass-through', () => {
  test('keeps conditions', async () => {
    const put = new PutItemCommand({
      TableName,
      Item: key('once'),
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    await europe.send(put);
    await expect(europe.send(put)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
  });

  test('keeps transactions whole, and says which action failed', async () => {
    const write = (pk: string, expected: string) =>
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: key(`${pk}-audit`) } },
          {
            Update: {
              TableName,
              Key: key(pk),
              UpdateExpression: 'SET st = :new',
              ConditionExpression: 'attribute_not_exists(st) OR st = :old',
              ExpressionAttributeValues: { ':new': { S: 'ERASED' }, ':old': { S: expected } },
            },
          },
        ],
      });
    await europe.send(write('t1', 'ACTIVE'));
    await europe.send(new PutItemCommand({ TableName, Item: { ...key('t2'), st: { S: 'HELD' } } }));
    await expect(europe.send(write('t2', 'ACTIVE'))).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
    });
    const audit = await europe.send(new GetItemCommand({ TableName, Key: key('t2-audit') }));
    expect(audit.Item).toBeUndefined();
  });

  test('shows one table to both Regions, each with its own ARN', async () => {
    const Item = { ...key('seen'), name: { S: 'arn:aws:dynamodb:dynoxide:000000000000:table/x' } };
    await europe.send(new PutItemCommand({ TableName, Item }));
    const seen = await america.send(new GetItemCommand({ TableName, Key: key('seen') }));
    expect(seen.Item).toEqual(Item);
    for (const [client, region] of [
      [europe, 'eu-central-1'],
      [america, 'us-east-1'],
    ] as const) {
      const { Table } = await client.send(new DescribeTableCommand({ TableName }));
      expect(Table?.TableArn).toBe(`arn:aws:dynamodb:${region}:111122223333:table/${TableName}`);
    }
  });

  test('keeps TTL and point-in-time recovery as settings', async () => {
    const TimeToLiveSpecification = { AttributeName: 'ttl', Enabled: true };
    await europe.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    const ttl = await europe.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(ttl.TimeToLiveDescription).toMatchObject({ AttributeName: 'ttl' });

    const status = async () =>
      (await america.send(new DescribeContinuousBackupsCommand({ TableName })))
        .ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
    expect(await status()).toEqual({ PointInTimeRecoveryStatus: 'DISABLED' });
    const enable = (table: string, RecoveryPeriodInDays: number) =>
      europe.send(
        new UpdateContinuousBackupsCommand({
          TableName: table,
          PointInTimeRecoverySpecification: {
            PointInTimeRecoveryEnabled: true,
            RecoveryPeriodInDays,
          },
        }),
      );
    await enable(TableName, 14);
    expect(await status()).toEqual({
      PointInTimeRecoveryStatus: 'ENABLED',
      RecoveryPeriodInDays: 14,
    });
    await expect(enable(TableName, 36)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(enable('nowhere', 14)).rejects.toMatchObject({ name: 'TableNotFoundException' });
  });

  test('names the operation it lacks', async () => {
    await expect(europe.send(new ListBackupsCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining('has no operation ListBackups'),
    });
  });

  test('serves many calls at once', async () => {
    const puts = Array.from({ length: 200 }, (_, n) => {
      const Item = { pk: { S: 'many' }, sk: { S: `${n}` } };
      return europe.send(new PutItemCommand({ TableName, Item }));
    });
    await Promise.all(puts);
    const query = new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'many' } },
      Select: 'COUNT',
    });
    expect((await america.send(query)).Count).toBe(200);
  });
});

test('a killed process loses no acknowledged write and leaves no engine behind', async () => {
  const data = temporaryDirectory();
  const program = fileURLToPath(new URL('./write-until-killed.ts', import.meta.url));
  const child = spawn(process.execPath, [program, data.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // A killed program cannot remove what it made; here it goes with the data directory.
    env: { ...process.env, TMPDIR: data.path },
  });
  let acknowledged = 0;
  child.stdout.setEncoding('utf8');
  for await (const text of child.stdout) {
    acknowledged += String(text).split('\n').length - 1;
    if (acknowledged >= 20) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');

  // The first engine must be gone, or this one would not get its database for itself.
  const again = await startTestGateway(() => []);
  const reopened = await startDynamoDb({ dataDirectory: data.path });
  again.gateway.addService(reopened);
  const endpoint = again.endpoint;
  const client = new DynamoDBClient({ region: 'eu-central-1', endpoint, credentials: OPERATOR });
  for (let n = 0; n < acknowledged; n++) {
    const found = await client.send(
      new GetItemCommand({ TableName: 'kept', Key: { pk: { S: `${n}` } } }),
    );
    expect(found.Item).toBeDefined();
  }
  client.destroy();
  await again.close();
  await reopened.stop();
  data.remove();
});

describe('finding an engine', () => {
  test('prefers the Dynoxide binary', async () => {
    expect((await findEngine('/data')).name).toBe('Dynoxide');
  });

  const withoutDynoxide = (specifier: string): string => {
    if (specifier.startsWith('@dynoxide/')) throw new Error('not found');
    return createRequire(import.meta.url).resolve(specifier);
  };

  test('takes DynamoDB Local where there is no binary but Java 17', async () => {
    const engine = await findEngine('/data', withoutDynoxide, async () => 17);
    expect(engine).toMatchObject({ name: 'DynamoDB Local', command: 'java' });
    expect(engine.arguments(8001)).toEqual(
      expect.arrayContaining(['-sharedDb', '-dbPath', '/data/dynamodb-local', '8001']),
    );
  });

  test.each([undefined, 11])('says what to install when Java is %o', async (java) => {
    const missing = findEngine('/data', withoutDynoxide, async () => java);
    await expect(missing).rejects.toThrow(EngineMissingError);
    const found = `Java found: ${java ?? 'none'}`;
    await expect(missing).rejects.toThrow(new RegExp(`npm install.*Java 17.*${found}`, 's'));
  });
});
