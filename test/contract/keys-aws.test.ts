import { randomBytes } from 'node:crypto';
import {
  type DynamoDBClient,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import { PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKeyStore } from '../../bench/bare-installation.ts';
import { BranchKeyCustody } from '../../shared/aws/branch-key-custody.ts';
import { BranchKeyDestruction } from '../../shared/aws/branch-key-destruction.ts';
import { KmsCustody } from '../../shared/aws/kms-custody.ts';
import { KmsDestruction } from '../../shared/aws/kms-destruction.ts';
import { KmsInstallationKeys } from '../../shared/aws/kms-installation-keys.ts';
import { systemPause } from '../../shared/aws/system-clock.ts';
import { TieredCustody, TieredDestruction } from '../../shared/aws/tiered-keys.ts';
import { rootKeyAlias } from '../../shared/config/key-store.ts';
import { signingKeyAlias } from '../../shared/config/signing-key.ts';
import { inBothCopies } from '../../shared/domain/copy-name.ts';
import { GONE_ANSWER, KEY_TIERS, type KeyTier } from '../../shared/domain/key-tier.ts';
import { daysAfter } from '../../shared/domain/lock.ts';
import {
  EMBEDDED_ACCOUNT,
  EMBEDDED_ROLES,
  type EmbeddedServices,
  startEmbeddedServices,
} from '../support/embedded-services.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';
import { describeInstallationKeysContract } from './installation-keys.contract.ts';
import { describeKeyCustodyContract } from './key-custody.contract.ts';
import { describeKeyDestructionContract } from './key-destruction.contract.ts';

let embedded: EmbeddedServices;

beforeAll(async () => {
  embedded = await startEmbeddedServices();
  await makeKeyStore(embedded.clients, TEST_INSTALLATION);
}, 60_000);
afterAll(() => embedded.stop());

function openKeys(tier: KeyTier) {
  const { kms: clientOf, dynamoDb } = embedded.clients;
  const clock = embedded.clock;
  const options = {
    installation: TEST_INSTALLATION.name,
    partition: 'aws',
    account: EMBEDDED_ACCOUNT,
    regions: TEST_INSTALLATION.regions,
    clientOf,
    clients: { dynamoDbOf: dynamoDb, kmsOf: clientOf },
    roles: EMBEDDED_ROLES,
    pause: systemPause,
    randomBytes,
  };
  return {
    tier,
    custody: new TieredCustody({
      dedicated: new KmsCustody(options),
      'shared-root': new BranchKeyCustody(options),
    }),
    destruction: new TieredDestruction({
      dedicated: new KmsDestruction({ clientOf }),
      'shared-root': new BranchKeyDestruction({ clientOf: dynamoDb, clock }),
    }),
    now: () => clock.now(),
    moveDays: embedded.moveDays,
    changePolicy: async (KeyId: string) => {
      if (tier === 'shared-root') {
        return false;
      }
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
      const region = KeyId.split(':')[3] ?? '';
      await clientOf(region).send(new PutKeyPolicyCommand({ KeyId, Policy }));
      return true;
    },
  };
}

/** Once the root keys are not needed any more: it ends one. */
function describeOwnKeys(): void {
  describeInstallationKeysContract('KMS', async () => {
    const { name: installation, regions } = TEST_INSTALLATION;
    const { kms: clientOf } = embedded.clients;
    const KeyId = rootKeyAlias(installation);
    const root = await inBothCopies(async (copy) => {
      const { KeyMetadata } = await clientOf(regions[copy]).describeKey({ KeyId });
      return KeyMetadata?.Arn ?? '';
    });
    const here = clientOf(regions.primary);
    const { KeyMetadata } = await here.createKey({
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
    });
    const { KeyId: TargetKeyId, Arn: signing = '' } = KeyMetadata ?? {};
    await here.createAlias({ AliasName: signingKeyAlias(installation), TargetKeyId });
    const { custody, destruction } = openKeys('dedicated');
    const { keys: others } = await custody.create('others', 'dedicated');
    const keys = new KmsInstallationKeys({ installation, regions, clientOf });
    return { keys, own: { root, signing }, others, destruction, moveDays: embedded.moveDays };
  });
}

/** Clients in front of whose first write, or another command, something else happens. */
function clientsBehind(
  happens: () => Promise<unknown>,
  Command: typeof TransactWriteItemsCommand | typeof QueryCommand = TransactWriteItemsCommand,
): (region: string) => DynamoDBClient {
  let hasHappened = false;
  return (region) => {
    const client = embedded.clients.dynamoDb(region);
    const send = async (command: TransactWriteItemsCommand) => {
      if (command instanceof Command && !hasHappened) {
        hasHappened = true;
        await happens();
      }
      return client.send(command);
    };
    return Object.create(client, { send: { value: send } }) as DynamoDBClient;
  };
}

test('a branch key is not gone while the key store can be put back to a time with it', async () => {
  const { custody, destruction } = openKeys('shared-root');
  const { keys, probes } = await custody.create('01K9ZZZZZZ0000000000000008', 'shared-root');
  await destruction.scheduleDeletion(keys.primary, 7);
  await embedded.moveDays(8);
  expect(await destruction.destroyDue(keys.primary)).toBe(true);
  const probe = () => custody.probe(keys, probes, 'primary');
  const TableName = keys.primary.split('/')[1];
  const recover = (PointInTimeRecoveryEnabled: boolean) =>
    embedded.clients.dynamoDb(TEST_INSTALLATION.regions.primary).send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
      }),
    );
  await recover(true);
  expect(await probe()).toEqual({ outcome: 'refused', answer: 'KeyStoreHasRecovery' });
  await recover(false);
  expect(await probe()).toEqual({ outcome: 'refused', answer: GONE_ANSWER['shared-root'] });
});

describe('a branch key whose deletion is due', () => {
  const late = { now: () => daysAfter(embedded.clock.now(), 8) };
  const eraser = () =>
    new BranchKeyDestruction({ clientOf: embedded.clients.dynamoDb, clock: embedded.clock });

  /** @returns what the key is when `happens` came between the look at its date and its deletion. */
  async function stateAfter(
    happens: (key: string) => Promise<unknown>,
    before?: typeof QueryCommand,
  ): Promise<string> {
    const vaultId = '01K9ZZZZZZ0000000000000009';
    const { primary } = (await openKeys('shared-root').custody.create(vaultId, 'shared-root')).keys;
    await eraser().scheduleDeletion(primary, 7);
    const clientOf = clientsBehind(() => happens(primary), before);
    const isGone = await new BranchKeyDestruction({ clientOf, clock: late }).destroyDue(primary);
    const { state } = await eraser().state(primary);
    expect(isGone).toBe(state === 'Gone');
    return state;
  }

  test('is deleted, and read back', async () => {
    expect(await stateAfter(async () => undefined)).toBe('Gone');
  });

  test('is not when that was called off a moment before', async () => {
    expect(await stateAfter((key) => eraser().cancelDeletion(key))).toBe('Disabled');
  });

  test('is not when that was called off before its entries were listed', async () => {
    const state = await stateAfter((key) => eraser().cancelDeletion(key), QueryCommand);
    expect(state).toBe('Disabled');
  });

  test('is not when another date was set a moment before', async () => {
    const putOff = async (key: string) => {
      await eraser().cancelDeletion(key);
      await eraser().scheduleDeletion(key, 30);
    };
    expect(await stateAfter(putOff)).toBe('PendingDeletion');
  });
});

for (const tier of KEY_TIERS) {
  describeKeyCustodyContract(`AWS, ${tier}`, async () => openKeys(tier));
  describeKeyDestructionContract(`AWS, ${tier}`, async () => openKeys(tier));
}
describeOwnKeys();
