import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  type KeyType,
} from '@aws-sdk/client-dynamodb';
import { CreateAliasCommand, CreateKeyCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import type { AwsClients } from '../shared/aws/aws-clients.ts';
import { KEY_STORE_TABLE, keyStoreTable, rootKeyAlias } from '../shared/config/key-store.ts';
import { LEDGER_TABLE } from '../shared/config/ledger-table.ts';
import { COPY_NAMES } from '../shared/domain/copy-name.ts';
import type { Installation } from '../shared/ports/services.ts';

/** Makes the locked buckets of both copies, without the stacks that do so in AWS. */
export async function makeCopies(
  clients: AwsClients,
  { regions, buckets }: Installation,
): Promise<void> {
  for (const copy of COPY_NAMES) {
    await clients.s3(regions[copy]).send(
      new CreateBucketCommand({
        Bucket: buckets[copy],
        ObjectLockEnabledForBucket: true,
        ...placedIn(regions[copy]),
      }),
    );
  }
}

/** Makes a bucket without versions and locks, as sources and targets may be. */
export async function makeBucket(client: S3Client, region: string, Bucket: string): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket, ...placedIn(region) }));
}

/** Makes the ledger's table with the keys and the index that `infra/` declares. */
export async function makeLedgerTable(client: DynamoDBClient, TableName: string): Promise<void> {
  const { partitionKey, sortKey, workIndex } = LEDGER_TABLE;
  const names = [partitionKey, sortKey, workIndex.partitionKey, workIndex.sortKey];
  const table: CreateTableCommandInput = {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keySchema(LEDGER_TABLE),
    GlobalSecondaryIndexes: [
      {
        IndexName: workIndex.name,
        KeySchema: keySchema(workIndex),
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  };
  await client.send(new CreateTableCommand(table));
}

/** Makes each Region's key store, and the root key that wraps what lies there. */
export async function makeKeyStore(
  clients: AwsClients,
  { name, regions }: Pick<Installation, 'name' | 'regions'>,
): Promise<void> {
  const { partitionKey, sortKey } = KEY_STORE_TABLE;
  for (const copy of COPY_NAMES) {
    await clients.dynamoDb(regions[copy]).send(
      new CreateTableCommand({
        TableName: keyStoreTable(name, copy),
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [partitionKey, sortKey].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        KeySchema: keySchema(KEY_STORE_TABLE),
      }),
    );
    const kms = clients.kms(regions[copy]);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await kms.send(
      new CreateAliasCommand({
        AliasName: rootKeyAlias(name),
        TargetKeyId: KeyMetadata?.KeyId,
      }),
    );
  }
}

function keySchema({ partitionKey, sortKey }: { partitionKey: string; sortKey: string }) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as KeyType },
    { AttributeName: sortKey, KeyType: 'RANGE' as KeyType },
  ];
}

function placedIn(region: string) {
  return { CreateBucketConfiguration: { LocationConstraint: region as 'eu-central-1' } };
}
