import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  arnOf,
  fieldsProperty,
  listProperty,
  nameOf,
  type ResourceCreator,
  type ResourceRequest,
} from '../resource-creator.ts';
import type { JsonFields } from '../template.ts';

/**
 * Creates a table with its keys and indexes, for `AWS::DynamoDB::Table` and `GlobalTable`. A
 * replica needs no table of its own: the engine shows one database in every Region. Encryption and
 * streams are kept as data only. The keys and indexes of a table that exists stay as they are, also
 * when the template has changed.
 */
export const createDynamoDbTable: ResourceCreator = async (request) => {
  const tableName = nameOf(request, 'TableName');
  if (!(await exists(request, tableName))) {
    await request.services
      .clients(request.region)
      .dynamodb.send(new CreateTableCommand(creationOf(request, tableName)));
    await enableTimeToLive(request, tableName);
  }
  await setRecovery(request, tableName);
  const arn = arnOf(request, 'dynamodb', `table/${tableName}`);
  return {
    ref: tableName,
    attributes: { Arn: arn, TableId: tableName, StreamArn: `${arn}/stream/local` },
  };
};

async function exists(request: ResourceRequest, tableName: string): Promise<boolean> {
  const { dynamodb } = request.services.clients(request.region);
  try {
    await dynamodb.send(new DescribeTableCommand({ TableName: tableName }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return false;
    throw error;
  }
}

function creationOf(request: ResourceRequest, tableName: string): CreateTableCommandInput {
  const { properties } = request;
  const indexes = (property: string) =>
    listProperty(properties, property).map((index) => {
      const { IndexName, KeySchema, Projection } = index as Record<string, unknown>;
      return { IndexName, KeySchema, Projection };
    });
  const globalIndexes = indexes('GlobalSecondaryIndexes');
  const localIndexes = indexes('LocalSecondaryIndexes');
  // The template's property names and shapes are the API's own.
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    DeletionProtectionEnabled: ownReplica(request).DeletionProtectionEnabled === true,
    ...(globalIndexes.length > 0 ? { GlobalSecondaryIndexes: globalIndexes } : {}),
    ...(localIndexes.length > 0 ? { LocalSecondaryIndexes: localIndexes } : {}),
  } as unknown as CreateTableCommandInput;
}

async function setRecovery(request: ResourceRequest, tableName: string): Promise<void> {
  const settings = fieldsProperty(ownReplica(request), 'PointInTimeRecoverySpecification');
  if (settings.PointInTimeRecoveryEnabled !== true) return;
  const days = settings.RecoveryPeriodInDays;
  await request.services.clients(request.region).dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName: tableName,
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: true,
        ...(days === undefined ? {} : { RecoveryPeriodInDays: Number(days) }),
      },
    }),
  );
}

/** A global table states per Region what a plain table states in its own properties. */
function ownReplica(request: ResourceRequest): JsonFields {
  const replica = listProperty(request.properties, 'Replicas').find(
    (entry) => (entry as JsonFields).Region === request.region,
  );
  return (replica as JsonFields | undefined) ?? request.properties;
}

async function enableTimeToLive(request: ResourceRequest, tableName: string): Promise<void> {
  const specification = fieldsProperty(request.properties, 'TimeToLiveSpecification');
  if (specification.Enabled !== true) return;
  await request.services.clients(request.region).dynamodb.send(
    new UpdateTimeToLiveCommand({
      TableName: tableName,
      TimeToLiveSpecification: {
        Enabled: true,
        AttributeName: String(specification.AttributeName),
      },
    }),
  );
}
