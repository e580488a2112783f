import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { type AwsClients, awsClients } from '../shared/aws/aws-clients.ts';
import { COPY_NAMES } from '../shared/domain/copy-name.ts';
import type { Installation } from '../shared/ports/services.ts';

/** The installation that is measured. */
export const INSTALLATION: Installation = {
  name: 'bench',
  regions: { primary: 'eu-central-1', secondary: 'eu-west-1' },
  buckets: { primary: 'bench-copy-primary', secondary: 'bench-copy-secondary' },
};

export const LEDGER_TABLE = 'bench-ledger';
/** A bucket for sources, targets and the other tools' repositories. */
export const PLAIN_BUCKET = 'bench-plain';

/** @returns clients of an embedded AWS. */
export function clientsOf(endpoint: string): AwsClients {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator-secret' };
  return awsClients({ endpoint, credentials });
}

/** Makes the buckets of both copies, one without locks, and the ledger's table. */
export async function makeInstallation(clients: AwsClients): Promise<void> {
  const { regions, buckets } = INSTALLATION;
  for (const copy of COPY_NAMES) {
    await clients.s3(regions[copy]).send(
      new CreateBucketCommand({
        Bucket: buckets[copy],
        ObjectLockEnabledForBucket: true,
        ...placedIn(regions[copy]),
      }),
    );
  }
  await clients
    .s3(regions.primary)
    .send(new CreateBucketCommand({ Bucket: PLAIN_BUCKET, ...placedIn(regions.primary) }));
  await makeTable(clients);
}

async function makeTable(clients: AwsClients): Promise<void> {
  const keys = ['pk', 'sk', 'workQueue', 'workDue'];
  const command = new CreateTableCommand({
    TableName: LEDGER_TABLE,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byWork',
        KeySchema: [
          { AttributeName: 'workQueue', KeyType: 'HASH' },
          { AttributeName: 'workDue', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  await clients.dynamoDb(INSTALLATION.regions.primary).send(command);
}

function placedIn(region: string) {
  return { CreateBucketConfiguration: { LocationConstraint: region as 'eu-central-1' } };
}
