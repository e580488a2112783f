import {
  CancelKeyDeletionCommand,
  DisableKeyCommand,
  GetKeyPolicyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type DeployedInstallation,
  deployInstallation,
  PRIMARY_REGION,
} from '../support/deployed-installation.ts';

let holdfast: DeployedInstallation;
let kms: KMSClient;

beforeAll(async () => {
  holdfast = await deployInstallation();
  const credentials = { accessKeyId: 'embedded', secretAccessKey: 'embedded-secret' };
  kms = new KMSClient({ endpoint: holdfast.aws.endpoint, region: PRIMARY_REGION, credentials });
}, 120_000);

afterAll(async () => {
  kms.destroy();
  await holdfast.close();
});

/** Lets all events arrive, and what they start come to its end. */
async function settled(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await holdfast.aws.settled();
  }
}

async function keyOf(vaultId: string) {
  await settled();
  const { keys } = await holdfast.operator('showVault', { params: { vaultId } });
  return keys.primary;
}

async function actionsOf(vaultId: string): Promise<string[]> {
  const { entries } = await holdfast.operator('showAudit', { params: { chainId: vaultId } });
  return entries.map(({ action }) => action);
}

async function approved(vaultId: string) {
  const params = { vaultId };
  const { erasureId } = await holdfast.operator('requestErasure', {
    params,
    body: { reason: 'R', contractEnded: true },
  });
  const { plan } = await holdfast.supervisor('planErasure', { params });
  const body = { erasureId, planHash: plan.hash };
  return holdfast.supervisor('approveErasure', { params, body });
}

describe('what somebody does to a key by hand', () => {
  test.each([
    ['disables it', (KeyId: string) => new DisableKeyCommand({ KeyId })],
    [
      'schedules its deletion',
      (KeyId: string) => new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }),
    ],
  ])('is undone by events alone: who %s', async (how, command) => {
    const vaultId = await holdfast.addVault(`X-${how}`);
    const { arn } = await keyOf(vaultId);
    await kms.send(command(arn) as DisableKeyCommand);
    expect((await keyOf(vaultId)).state).toBe('Enabled');
    expect(await actionsOf(vaultId)).toContain('keys.restored');
  });

  test('is undone when it is the key’s policy', async () => {
    const vaultId = await holdfast.addVault('X-policy');
    const { arn: KeyId } = await keyOf(vaultId);
    const before = await kms.send(new GetKeyPolicyCommand({ KeyId }));
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    await settled();
    const after = await kms.send(new GetKeyPolicyCommand({ KeyId }));
    expect(JSON.parse(after.Policy ?? '')).toEqual(JSON.parse(before.Policy ?? ''));
    expect(await actionsOf(vaultId)).toContain('key-policy.restored');
  });

  test('does not stop an erasure of our own', async () => {
    const vaultId = await holdfast.addVault('X-own');
    expect((await approved(vaultId)).state).toBe('SCHEDULED');
    const { arn: KeyId } = await keyOf(vaultId);
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect((await keyOf(vaultId)).state).toBe('PendingDeletion');
    expect(await actionsOf(vaultId)).not.toContain('keys.restored');
  });
});

test('a hold calls off a scheduled deletion, and its release schedules it anew', async () => {
  const vaultId = await holdfast.addVault('X-hold');
  const params = { vaultId };
  await approved(vaultId);
  expect((await keyOf(vaultId)).state).toBe('PendingDeletion');
  const terms = { reason: 'lawsuit', reference: '2026-17' };
  const { holdId } = await holdfast.operator('placeHold', { params, body: terms });
  expect((await keyOf(vaultId)).state).toBe('Disabled');
  const address = { vaultId, holdId };
  await holdfast.operator('requestRelease', { params: address, body: { reason: 'closed' } });
  await holdfast.supervisor('approveRelease', { params: address, body: {} });
  expect((await keyOf(vaultId)).state).toBe('PendingDeletion');
});
