import {
  DescribeTableCommand,
  DynamoDBClient,
  InternalServerError,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { DynamoLedger } from '../../shared/aws/dynamo-ledger.ts';
import { toItem } from '../../shared/aws/ledger-items.ts';
import type { Change } from '../../shared/ports/ledger.ts';
import { MovableClock } from '../support/movable-clock.ts';
import { sampleHold, sampleVault } from '../support/sample-records.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
const tables = mockClient(DynamoDBClient);
const clock = new MovableClock();
const pauses: number[] = [];
const ledger = new DynamoLedger({
  client: new DynamoDBClient({ region: 'eu-central-1' }),
  table: 'ledger',
  clock,
  pause: async (milliseconds) => {
    pauses.push(milliseconds);
  },
});
const VAULT = sampleVault('vault-1');
const CHANGES: Change[] = [
  { record: VAULT, expect: 4 },
  { record: sampleHold('vault-1', 'hold-1'), expect: 'absent' },
];

function cancelled(...codes: string[]): Error {
  return new TransactionCanceledException({
    message: 'cancelled',
    $metadata: { httpStatusCode: 400 },
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

beforeEach(() => {
  dynamo.reset();
  pauses.length = 0;
});

describe('the identity of the table', () => {
  const pass = (seconds: number) => clock.moveTo(new Date(clock.now().getTime() + seconds * 1_000));

  test('is asked for once a minute', async () => {
    const describing = tables.on(DescribeTableCommand);
    describing.resolvesOnce({ Table: { TableId: 'first' } });
    describing.resolves({ Table: { TableId: 'restored' } });
    expect([await ledger.identity(), await ledger.identity()]).toEqual(['first', 'first']);
    await pass(59);
    expect(await ledger.identity()).toBe('first');
    await pass(1);
    expect(await ledger.identity()).toBe('restored');
  });

  test('that nobody tells keeps everything from the ledger', async () => {
    await pass(60);
    tables
      .on(DescribeTableCommand)
      .rejects(new InternalServerError({ message: 'down', $metadata: { httpStatusCode: 500 } }));
    await expect(ledger.identity()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    tables.on(DescribeTableCommand).resolves({});
    await expect(ledger.identity()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });
});

describe('a cancelled transaction', () => {
  test('is tried again, with growing pauses, when others were in its way', async () => {
    const conflict = cancelled('TransactionConflict', 'None');
    const write = dynamo.on(TransactWriteCommand);
    write.rejectsOnce(conflict).rejectsOnce(cancelled('None', 'ThrottlingError')).resolves({});
    await ledger.write(CHANGES);
    expect(pauses).toEqual([50, 100]);
    const tokens = dynamo
      .commandCalls(TransactWriteCommand)
      .map(({ args }) => args[0].input.ClientRequestToken);
    expect(new Set(tokens).size).toBe(1);
  });

  test('is given up after six tries', async () => {
    dynamo.on(TransactWriteCommand).rejects(cancelled('TransactionConflict', 'None'));
    await expect(ledger.write(CHANGES)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(dynamo.commandCalls(TransactWriteCommand)).toHaveLength(6);
  });

  test('has landed when the table holds exactly what was written', async () => {
    dynamo.on(TransactWriteCommand).rejects(cancelled('ConditionalCheckFailed', 'None'));
    const [vault, hold] = [toItem(VAULT, 5), toItem(sampleHold('vault-1', 'hold-1'), 1)];
    dynamo.on(GetCommand, { Key: { pk: vault.pk, sk: vault.sk } }).resolves({ Item: vault });
    dynamo.on(GetCommand, { Key: { pk: hold.pk, sk: hold.sk } }).resolves({ Item: hold });
    await expect(ledger.write(CHANGES)).resolves.toBeUndefined();
  });

  test('is a conflict when another writer got the same version', async () => {
    dynamo.on(TransactWriteCommand).rejects(cancelled('ConditionalCheckFailed', 'None'));
    dynamo.on(GetCommand).resolves({ Item: toItem({ ...VAULT, holds: 3 }, 5) });
    await expect(ledger.write(CHANGES)).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
      data: { record: 'vault vault-1' },
    });
  });
});

test('the same content has the same token, any other content another', async () => {
  dynamo.on(TransactWriteCommand).resolves({});
  await ledger.write(CHANGES);
  await ledger.write(structuredClone(CHANGES));
  await ledger.write([{ record: VAULT, expect: 5 }]);
  const [first, again, other] = dynamo
    .commandCalls(TransactWriteCommand)
    .map(({ args }) => args[0].input.ClientRequestToken);
  expect(first).toBe(again);
  expect(other).not.toBe(first);
  expect(first?.length).toBeLessThanOrEqual(36);
});

test('a new vault is written with a pointer in its client, a changed one without', async () => {
  dynamo.on(TransactWriteCommand).resolves({});
  await ledger.write([{ record: VAULT, expect: 'absent' }]);
  await ledger.write([{ record: VAULT, expect: 1 }]);
  const keys = dynamo
    .commandCalls(TransactWriteCommand)
    .map(({ args }) => args[0].input.TransactItems?.map(({ Put }) => Put?.Item?.pk));
  expect(keys).toEqual([['VAULT#vault-1', `CLIENT#${VAULT.clientId}`], ['VAULT#vault-1']]);
});
