import { DeleteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { PRIMARY_REGION } from './deployed-installation.ts';

const TableName = 'holdfast-local-ledger';

/** Removes every item of a deployed installation's ledger, as nothing of Holdfast's may. */
export async function wipeLedger(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: 'embedded', secretAccessKey: 'embedded-secret' };
  const client = new DynamoDBClient({ endpoint, region: PRIMARY_REGION, credentials });
  try {
    for (;;) {
      const { Items = [] } = await client.send(new ScanCommand({ TableName }));
      if (Items.length === 0) {
        return;
      }
      for (const { pk, sk } of Items) {
        const Key = { pk: pk ?? { S: '' }, sk: sk ?? { S: '' } };
        await client.send(new DeleteItemCommand({ TableName, Key }));
      }
    }
  } finally {
    client.destroy();
  }
}
