import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyStoreTable } from '../../shared/config/key-store.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { daysAfter } from '../../shared/domain/lock.ts';
import {
  type DeployedInstallation,
  deployInstallation,
  PRIMARY_REGION,
} from '../support/deployed-installation.ts';

let holdfast: DeployedInstallation;
let dynamoDb: DynamoDBClient;

beforeAll(async () => {
  holdfast = await deployInstallation();
  const credentials = { accessKeyId: 'embedded', secretAccessKey: 'embedded-secret' };
  const { endpoint } = holdfast.aws;
  dynamoDb = new DynamoDBClient({ endpoint, region: PRIMARY_REGION, credentials });
}, 120_000);

afterAll(async () => {
  dynamoDb.destroy();
  await holdfast.close();
});

/** Partition keys, format.md 2.7, of everything in the key store of each Region. */
async function entries(): Promise<string[][]> {
  return Promise.all(
    COPY_NAMES.map(async (copy) => {
      const TableName = keyStoreTable('local', copy);
      const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName }));
      return Items.map((item) => item['branch-key-id']?.S ?? '');
    }),
  );
}

async function runSchedule(name: string): Promise<void> {
  await holdfast.aws.schedules.run(`holdfast-local-${name}`);
  await holdfast.aws.settled();
}

test('a vault of branch keys is backed up, restored from either Region, and erased', async () => {
  const vaultId = await holdfast.addVault('S-1', 'consent-only', 'shared-root');
  const params = { vaultId };
  await holdfast.putRecord('S-1/ledger.csv', 'a,b,c');
  await holdfast.snapshot(vaultId);
  expect(await holdfast.restore(vaultId, 'one/', 'primary')).toBe('SUCCEEDED');
  expect(await holdfast.restore(vaultId, 'two/', 'secondary')).toBe('SUCCEEDED');
  const other = await holdfast.addVault('S-2', 'consent-only', 'shared-root');
  expect((await entries()).map((items) => items.length)).toEqual([6, 6]);

  const asked = { params, body: { reason: 'R' } };
  const { erasureId } = await holdfast.operator('requestErasure', asked);
  const { plan } = await holdfast.supervisor('planErasure', { params });
  const approval = { params, body: { erasureId, planHash: plan.hash } };
  expect((await holdfast.supervisor('approveErasure', approval)).state).toBe('SCHEDULED');
  expect((await holdfast.operator('showVault', { params })).keys.primary.state).toBe(
    'PendingDeletion',
  );
  expect((await holdfast.runBackup(vaultId).catch(({ code }) => ({ state: code }))).state).toBe(
    'VAULT_NOT_ACTIVE',
  );

  const { clock } = holdfast.aws;
  await clock.moveTo(daysAfter(clock.now(), 8));
  await runSchedule('advance-erasures');
  await runSchedule('confirm-erasures');
  const { tier, state, erasure } = await holdfast.operator('showVault', { params });
  expect({ tier, state }).toEqual({ tier: 'shared-root', state: 'ERASED' });
  expect(erasure?.evidence.secondary?.kind).toBe('entry-deleted');
  expect(erasure?.probes.primary).toMatchObject({ outcome: 'refused', answer: 'BranchKeyAbsent' });
  for (const partitions of await entries()) {
    expect(partitions).toHaveLength(3);
    expect(partitions.every((partition) => partition.startsWith(`key-${other}-`))).toBe(true);
  }
  await holdfast.putRecord('S-2/a', 'still readable');
  await holdfast.snapshot(other);
  expect(await holdfast.restore(other, 'three/')).toBe('SUCCEEDED');
});
