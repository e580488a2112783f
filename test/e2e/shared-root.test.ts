import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsClients } from '../../shared/aws/aws-clients.ts';
import { keyStoreTable, rootKeyAlias } from '../../shared/config/key-store.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { daysAfter } from '../../shared/domain/lock.ts';
import {
  type DeployedInstallation,
  deployInstallation,
  PRIMARY_REGION,
} from '../support/deployed-installation.ts';
import { wipeLedger } from '../support/wipe-ledger.ts';

const credentials = { accessKeyId: 'embedded', secretAccessKey: 'embedded-secret' };

let holdfast: DeployedInstallation;
let dynamoDb: DynamoDBClient;
/** Two vaults, which the tests lead on one after the other. */
let erased: string;
let kept: string;

beforeAll(async () => {
  holdfast = await deployInstallation();
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

/** Asks for a vault to be erased and approves it, as two people. */
async function approveErasing(vaultId: string): Promise<void> {
  const params = { vaultId };
  const asked = { params, body: { reason: 'R', contractEnded: true } };
  const { erasureId } = await holdfast.operator('requestErasure', asked);
  const { plan } = await holdfast.supervisor('planErasure', { params });
  const approval = { params, body: { erasureId, planHash: plan.hash } };
  expect((await holdfast.supervisor('approveErasure', approval)).state).toBe('SCHEDULED');
}

async function letDestroy(): Promise<void> {
  const { clock } = holdfast.aws;
  await clock.moveTo(daysAfter(clock.now(), 8));
  await runSchedule('advance-erasures');
  await runSchedule('confirm-erasures');
}

test('a vault of branch keys is backed up, restored from either Region, and erased', async () => {
  erased = await holdfast.addVault('S-1', 'consent-only', 'shared-root');
  await holdfast.putRecord('S-1/ledger.csv', 'a,b,c');
  await holdfast.snapshot(erased);
  expect(await holdfast.restore(erased, 'one/', 'primary')).toBe('SUCCEEDED');
  expect(await holdfast.restore(erased, 'two/', 'secondary')).toBe('SUCCEEDED');
  kept = await holdfast.addVault('S-2', 'consent-only', 'shared-root');
  expect((await entries()).map((items) => items.length)).toEqual([6, 6]);

  const params = { vaultId: erased };
  await approveErasing(erased);
  expect((await holdfast.operator('showVault', { params })).keys.primary.state).toBe(
    'PendingDeletion',
  );
  expect((await holdfast.runBackup(erased).catch(({ code }) => ({ state: code }))).state).toBe(
    'VAULT_NOT_ACTIVE',
  );
  await letDestroy();
  const { tier, state, erasure } = await holdfast.operator('showVault', { params });
  expect({ tier, state }).toEqual({ tier: 'shared-root', state: 'ERASED' });
  expect(erasure?.evidence.secondary?.kind).toBe('entry-deleted');
  expect(erasure?.probes.primary).toMatchObject({ outcome: 'refused', answer: 'BranchKeyAbsent' });
  for (const partitions of await entries()) {
    expect(partitions).toHaveLength(3);
    expect(partitions.every((partition) => partition.startsWith(`key-${kept}-`))).toBe(true);
  }
  await holdfast.putRecord('S-2/a', 'still readable');
  await holdfast.snapshot(kept);
  expect(await holdfast.restore(kept, 'three/')).toBe('SUCCEEDED');
});

test('a root key that somebody disables or schedules for deletion is given back', async () => {
  const kms = awsClients({ endpoint: holdfast.aws.endpoint, credentials }).kms(PRIMARY_REGION);
  const alias = { KeyId: rootKeyAlias('local') };
  const { KeyMetadata } = await kms.describeKey(alias);
  const key = { KeyId: KeyMetadata?.KeyId };
  for (const end of [() => kms.disableKey(key), () => kms.scheduleKeyDeletion(key)]) {
    await end();
    await holdfast.aws.settled();
    expect((await kms.describeKey(alias)).KeyMetadata?.KeyState).toBe('Enabled');
  }
});

test('a lost ledger finds the branch keys again from either copy alone', async () => {
  const keysOf = async (vaultId: string) => {
    const { keys } = await holdfast.operator('showVault', { params: { vaultId } });
    return COPY_NAMES.map((copy) => keys[copy].arn);
  };
  const keys = await keysOf(kept);
  for (const from of COPY_NAMES) {
    await wipeLedger(holdfast.aws.endpoint);
    const { vaults } = await holdfast.operator('rebuildLedger', { params: {}, body: { from } });
    const outcomes = new Map(vaults.map(({ vaultId, outcome }) => [vaultId, outcome]));
    expect([erased, kept].map((id) => outcomes.get(id))).toEqual(['erased', 'rebuilt']);
    expect(await keysOf(kept)).toEqual(keys);
    expect(await holdfast.restore(kept, `again-${from}/`, from)).toBe('SUCCEEDED');
    expect(await holdfast.restore(erased, 'never/').catch(({ code }) => code)).toBe(
      'VAULT_UNREADABLE',
    );
  }
  await approveErasing(kept);
  await letDestroy();
  const { state, erasure } = await holdfast.operator('showVault', { params: { vaultId: kept } });
  expect(state).toBe('ERASED');
  expect(erasure?.probes.secondary).toMatchObject({ answer: 'BranchKeyAbsent' });
  expect((await entries()).flat().filter((name) => name.includes(kept))).toEqual([]);
});

test('a vault of branch keys is moved to KMS keys, and read by them in either Region', async () => {
  const vaultId = await holdfast.addVault('S-3', 'consent-only', 'shared-root');
  const params = { vaultId };
  await holdfast.putRecord('S-3/first.csv', 'a,b,c');
  await holdfast.snapshot(vaultId);
  const before = (await entries()).map((items) => items.length);

  const begun = await holdfast.operator('moveVault', { params, body: { tier: 'dedicated' } });
  expect(begun.move?.state).toBe('COPYING');
  await holdfast.aws.settled();
  const switched = await holdfast.operator('showVault', { params });
  expect([switched.tier, switched.move?.state]).toEqual(['dedicated', 'SWITCHED']);

  const { clock } = holdfast.aws;
  await clock.moveTo(daysAfter(clock.now(), 1 / 24));
  await runSchedule('advance-erasures');
  const { move, keys } = await holdfast.operator('showVault', { params });
  expect([move?.state, keys.primary.state, keys.secondary.state]).toEqual([
    'DONE',
    'Enabled',
    'Enabled',
  ]);
  const after = (await entries()).map((items) => items.length);
  expect(after).toEqual(before.map((count) => count - 3));
  expect(await holdfast.restore(vaultId, 'four/', 'primary')).toBe('SUCCEEDED');
  expect(await holdfast.restore(vaultId, 'five/', 'secondary')).toBe('SUCCEEDED');
});
