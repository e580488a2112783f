import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

/**
 * Asks DynamoDB whether what is deleted from a table may come back, or has gone elsewhere.
 *
 * @returns what speaks for it, as the answer of a probe; `null` when nothing does.
 * @throws what the client throws.
 */
export async function recoveryOf(
  client: DynamoDBClient,
  region: string,
  TableName: string,
): Promise<string | null> {
  const [backups, table] = await Promise.all([
    client.send(new DescribeContinuousBackupsCommand({ TableName })),
    client.send(new DescribeTableCommand({ TableName })),
  ]);
  const { PointInTimeRecoveryDescription: recovery } = backups.ContinuousBackupsDescription ?? {};
  const { StreamSpecification: stream, Replicas: replicas = [] } = table.Table ?? {};
  if (recovery?.PointInTimeRecoveryStatus !== 'DISABLED') {
    return 'KeyStoreHasRecovery';
  }
  if (stream?.StreamEnabled === true) {
    return 'KeyStoreHasStream';
  }
  return replicas.some(({ RegionName }) => RegionName !== region) ? 'KeyStoreHasReplica' : null;
}
