import { afterAll, beforeAll } from 'vitest';
import { DynamoLedger } from '../../shared/aws/dynamo-ledger.ts';
import { systemPause } from '../../shared/aws/system-clock.ts';
import {
  EMBEDDED_TABLE,
  type EmbeddedServices,
  startEmbeddedServices,
} from '../support/embedded-services.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';
import { describeLedgerContract } from './ledger.contract.ts';
import { describeShardsInLedger } from './ledger-shards.contract.ts';

let embedded: EmbeddedServices;

beforeAll(async () => {
  embedded = await startEmbeddedServices();
}, 60_000);
afterAll(() => embedded.stop());

const open = async (): Promise<DynamoLedger> => {
  const client = embedded.clients.dynamoDb(TEST_INSTALLATION.regions.primary);
  return new DynamoLedger({ client, table: EMBEDDED_TABLE, pause: systemPause });
};

describeLedgerContract('DynamoDB', open);
describeShardsInLedger('DynamoDB', open);
