import {
  CreateKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  type KMS,
  KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { keyPolicy } from '../../shared/aws/key-policy.ts';
import { KmsCustody } from '../../shared/aws/kms-custody.ts';

const ACCOUNT = '111122223333';
const VAULT_ID = '01K9ZZZZZZ0000000000000001';
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/00000000-0000-4000-8000-000000000001`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const ROLES = {
  users: [role('run-backup')],
  readers: [role('restore-snapshot')],
  eraser: role('advance-erasures'),
  admins: [role('admin-register')],
};

const pauses: number[] = [];
const kms = mockClient(KMSClient);
const custody = new KmsCustody({
  installation: 'test',
  partition: 'aws',
  account: ACCOUNT,
  regions: { primary: 'eu-central-1', secondary: 'eu-west-1' },
  clientOf: () => kms as unknown as KMS,
  roles: ROLES,
  pause: async (ms) => void pauses.push(ms),
  randomBytes: (size) => new Uint8Array(size),
});

/** Whether a policy lets the root user replace it, the way out that needs no role. */
function letsRootRepair(policy: string | undefined): boolean {
  const { Statement } = JSON.parse(policy ?? '') as ReturnType<typeof keyPolicy>;
  return Statement.some(
    ({ Effect, Principal, Action, Condition }) =>
      Effect === 'Allow' &&
      Principal.AWS === ROOT &&
      Action.includes('kms:PutKeyPolicy') &&
      Condition?.ArnEquals['aws:PrincipalArn'].includes(ROOT),
  );
}

beforeEach(() => {
  kms.reset();
  kms.on(CreateKeyCommand).resolves({ KeyMetadata: { KeyId: KEY, Arn: KEY } });
  kms.on(EncryptCommand).resolves({ CiphertextBlob: new Uint8Array([1]) });
  kms.on(PutKeyPolicyCommand).resolves({});
});

describe('a key policy', () => {
  test('of a new key is not judged by tags that the key does not have yet', async () => {
    await custody.create(VAULT_ID);
    const made = kms.commandCalls(CreateKeyCommand).map(({ args }) => args[0].input);
    expect(made).toHaveLength(2);
    for (const { BypassPolicyLockoutSafetyCheck, Policy } of made) {
      expect(BypassPolicyLockoutSafetyCheck).toBe(true);
      expect(letsRootRepair(Policy)).toBe(true);
    }
  });

  test('that is put back is not either', async () => {
    kms.on(GetKeyPolicyCommand).resolves({ Policy: '{"Statement":[]}' });
    expect(await custody.restorePolicy(KEY)).toBe(true);
    const [put] = kms.commandCalls(PutKeyPolicyCommand).map(({ args }) => args[0].input);
    expect(put?.BypassPolicyLockoutSafetyCheck).toBe(true);
    expect(letsRootRepair(put?.Policy)).toBe(true);
  });
});

describe('a policy as KMS gives it back', () => {
  const wanted = keyPolicy('aws', ACCOUNT, ROLES);

  test('with lists of one as their only item is the same', async () => {
    const Policy = JSON.stringify(wanted, (_name, value: unknown) =>
      Array.isArray(value) && value.length === 1 ? value[0] : value,
    );
    expect(Policy).not.toBe(JSON.stringify(wanted));
    kms.on(GetKeyPolicyCommand).resolves({ Policy });
    expect(await custody.restorePolicy(KEY)).toBe(false);
  });

  test('with another role in it is not', async () => {
    const Policy = JSON.stringify(wanted).replace('advance-erasures', 'somebody');
    kms.on(GetKeyPolicyCommand).resolves({ Policy });
    expect(await custody.restorePolicy(KEY)).toBe(true);
  });
});

describe('the first use of a new key', () => {
  const refusal = (name: string) =>
    Object.assign(new Error('text'), { name, $metadata: { httpStatusCode: 400 } });

  test.each(['NotFoundException', 'AccessDeniedException'])(
    'that is answered by %s is tried again for about 20 s',
    async (name) => {
      kms.on(EncryptCommand).rejects(refusal(name));
      pauses.splice(0);
      const failed = custody.create(VAULT_ID);
      await expect(failed).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
      const each = pauses.reduce((sum, ms) => sum + ms, 0) / 2;
      expect(each).toBeGreaterThan(17_000);
      expect(each).toBeLessThan(22_000);
    },
  );

  test('that KMS allows in the end succeeds', async () => {
    kms
      .on(EncryptCommand)
      .rejectsOnce(refusal('AccessDeniedException'))
      .resolves({ CiphertextBlob: new Uint8Array([1]) });
    const { probes } = await custody.create(VAULT_ID);
    expect(probes).toEqual({ primary: 'AQ==', secondary: 'AQ==' });
  });

  test('that is refused for another reason is not tried again', async () => {
    kms.on(EncryptCommand).rejects(refusal('DisabledException'));
    pauses.splice(0);
    const failed = custody.create(VAULT_ID);
    await expect(failed).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
    expect(pauses).toEqual([]);
  });
});
