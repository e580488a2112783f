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
import type { keyPolicy } from '../../shared/aws/key-policy.ts';
import { KmsCustody } from '../../shared/aws/kms-custody.ts';

const ACCOUNT = '111122223333';
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/00000000-0000-4000-8000-000000000001`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const ROLES = {
  users: [role('run-backup')],
  readers: [role('restore-snapshot')],
  eraser: role('advance-erasures'),
  admins: [role('admin-register')],
};

const kms = mockClient(KMSClient);
const custody = new KmsCustody({
  installation: 'test',
  partition: 'aws',
  account: ACCOUNT,
  regions: { primary: 'eu-central-1', secondary: 'eu-west-1' },
  clientOf: () => kms as unknown as KMS,
  roles: ROLES,
  pause: async () => undefined,
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
    await custody.create('01K9ZZZZZZ0000000000000001');
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
