/** Run by a test: writes items through the embedded DynamoDB and prints a line for each answer. */
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { startDynamoDb } from '../../local/dynamodb/start-dynamodb.ts';
import { OPERATOR, startTestGateway } from './gateway-fixture.ts';

const dataDirectory = process.argv[2] ?? '';
const service = await startDynamoDb({ dataDirectory });
const { endpoint } = await startTestGateway(() => [service]);
const client = new DynamoDBClient({ region: 'eu-central-1', endpoint, credentials: OPERATOR });
const TableName = 'kept';
await client.send(
  new CreateTableCommand({
    TableName,
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  }),
);
for (let n = 0; ; n++) {
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: `${n}` } } }));
  process.stdout.write(`${n}\n`);
}
