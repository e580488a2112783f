import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AwsClients } from '../shared/aws/aws-clients.ts';

/** DynamoDB request units by `table reads` or `table writes`. */
export type Units = Record<string, number>;

interface Consumed {
  readonly TableName?: string;
  readonly CapacityUnits?: number;
}

/** What an answer of DynamoDB says it took: a list when it was several requests in one. */
interface MeteredAnswer {
  readonly ConsumedCapacity?: Consumed | readonly Consumed[];
}

/** Commands that read; all others that Holdfast sends write. */
const READS = /^(Get|BatchGet|TransactGet|Query|Scan)/;

/** Clients whose calls of DynamoDB are counted in units, as DynamoDB itself reports them. */
export function meteredClients(clients: AwsClients): { clients: AwsClients; units: Units } {
  const units: Units = {};
  const metered = new Set<DynamoDBClient>();
  const dynamoDb = (region: string): DynamoDBClient => {
    const client = clients.dynamoDb(region);
    if (!metered.has(client)) {
      metered.add(client);
      meter(client, units);
    }
    return client;
  };
  return { clients: { ...clients, dynamoDb }, units };
}

function meter(client: DynamoDBClient, units: Units): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' };
        const answer = await next({ ...args, input } as typeof args);
        const { ConsumedCapacity = [] } = answer.output as MeteredAnswer;
        for (const { TableName = '', CapacityUnits = 0 } of [ConsumedCapacity].flat()) {
          const what = `${TableName} ${READS.test(commandName) ? 'reads' : 'writes'}`;
          units[what] = (units[what] ?? 0) + CapacityUnits;
        }
        return answer;
      },
    { step: 'initialize' },
  );
}
