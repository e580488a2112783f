import { afterAll, beforeAll, expect, test } from 'vitest';
import { DynamoLedger } from '../../shared/aws/dynamo-ledger.ts';
import { systemClock, systemPause } from '../../shared/aws/system-clock.ts';
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
  return new DynamoLedger({
    client,
    table: EMBEDDED_TABLE,
    clock: systemClock,
    pause: systemPause,
  });
};

describeLedgerContract('DynamoDB', open);
describeShardsInLedger('DynamoDB', open);

test('whoever opens a table finds it to be the same one', async () => {
  const [one, other] = [await open(), await open()];
  expect(await one.identity()).toMatch(/^[0-9a-f-]{36}$/);
  expect(await other.identity()).toBe(await one.identity());
});
