import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeyPoliciesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, startKms } from './kms-fixture.ts';

let local: Awaited<ReturnType<typeof startKms>>;
let client: KMSClient;
beforeAll(async () => {
  local = await startKms();
  client = local.client();
});
afterAll(() => local.close());

const Plaintext = Buffer.from('x');

async function stateOf(KeyId: string): Promise<unknown> {
  return (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
}

describe('key states', () => {
  test('Enabled → Disabled → Enabled', async () => {
    const KeyId = await local.createKey();
    await client.send(new DisableKeyCommand({ KeyId }));
    expect(await stateOf(KeyId)).toBe('Disabled');
    await expect(client.send(new EncryptCommand({ KeyId, Plaintext }))).rejects.toMatchObject({
      name: 'DisabledException',
      message: `${KeyId} is disabled.`,
    });
    await client.send(new EnableKeyCommand({ KeyId }));
    await client.send(new EncryptCommand({ KeyId, Plaintext }));
  });

  test('PendingDeletion allows what AWS allows and nothing else', async () => {
    const KeyId = await local.createKey();
    const AliasName = 'alias/pending';
    await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
    await client.send(new DisableKeyCommand({ KeyId }));
    const before = local.clock.now().getTime();
    const answer = await client.send(
      new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }),
    );
    expect(answer).toMatchObject({ KeyId, KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
    const date = answer.DeletionDate?.getTime() ?? 0;
    expect(Math.abs(date - before - 7 * DAY_MS)).toBeLessThan(10_000);

    const TargetKeyId = KeyId;
    const refused = [
      new EncryptCommand({ KeyId, Plaintext }),
      new EnableKeyCommand({ KeyId }),
      new DisableKeyCommand({ KeyId }),
      new ScheduleKeyDeletionCommand({ KeyId }),
      new CreateAliasCommand({ AliasName: 'alias/more', TargetKeyId }),
      new UpdateAliasCommand({ AliasName, TargetKeyId }),
      new TagResourceCommand({ KeyId, Tags: [] }),
      new UpdateKeyDescriptionCommand({ KeyId, Description: '' }),
      new EnableKeyRotationCommand({ KeyId }),
    ];
    for (const command of refused) {
      await expect(client.send(command as EncryptCommand)).rejects.toMatchObject({
        name: 'KMSInvalidStateException',
        message: `${KeyId} is pending deletion.`,
      });
    }
    const described = await client.send(new DescribeKeyCommand({ KeyId }));
    expect(described.KeyMetadata).toMatchObject({ Enabled: false, DeletionDate: expect.any(Date) });
    const Policy = JSON.stringify({ Statement: [] });
    await client.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    await client.send(new GetKeyPolicyCommand({ KeyId }));
    await client.send(new DeleteAliasCommand({ AliasName }));

    expect(await client.send(new CancelKeyDeletionCommand({ KeyId }))).toMatchObject({ KeyId });
    expect(await stateOf(KeyId)).toBe('Disabled');
    await expect(client.send(new CancelKeyDeletionCommand({ KeyId }))).rejects.toMatchObject({
      name: 'KMSInvalidStateException',
      message: `${KeyId} is not pending deletion.`,
    });
  });

  test.each([6, 31, 0, 7.5])('a window of %d days is refused', async (PendingWindowInDays) => {
    const KeyId = await local.createKey();
    const command = new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'ValidationException' });
    expect(await stateOf(KeyId)).toBe('Enabled');
  });

  test('the window is 30 days unless told otherwise', async () => {
    const KeyId = await local.createKey();
    const answer = await client.send(new ScheduleKeyDeletionCommand({ KeyId }));
    expect(answer.PendingWindowInDays).toBe(30);
  });
});

describe('CreateKey and DescribeKey', () => {
  test('give the metadata AWS gives', async () => {
    const command = new CreateKeyCommand({
      Description: 'vault key',
      Tags: [{ TagKey: 'vault', TagValue: '01H' }],
    });
    const { KeyMetadata } = await client.send(command);
    expect(KeyMetadata).toMatchObject({
      AWSAccountId: '111122223333',
      Arn: `arn:aws:kms:eu-central-1:111122223333:key/${KeyMetadata?.KeyId}`,
      CreationDate: expect.any(Date),
      Enabled: true,
      Description: 'vault key',
      KeyUsage: 'ENCRYPT_DECRYPT',
      KeyState: 'Enabled',
      KeyManager: 'CUSTOMER',
      KeySpec: 'SYMMETRIC_DEFAULT',
      MultiRegion: false,
    });
    const KeyId = KeyMetadata?.KeyId as string;
    const described = await client.send(new DescribeKeyCommand({ KeyId }));
    expect(described.KeyMetadata).toEqual(KeyMetadata);
    await client.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'other' }));
    const updated = await client.send(new DescribeKeyCommand({ KeyId }));
    expect(updated.KeyMetadata?.Description).toBe('other');
  });

  test('a key is found by id, ARN, alias and alias ARN, only in its Region', async () => {
    const arn = await local.createKey();
    await client.send(new CreateAliasCommand({ AliasName: 'alias/a/b_c', TargetKeyId: arn }));
    const prefix = 'arn:aws:kms:eu-central-1:111122223333';
    for (const KeyId of [arn.split('/')[1], arn, 'alias/a/b_c', `${prefix}:alias/a/b_c`]) {
      const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
      expect(KeyMetadata?.Arn).toBe(arn);
    }
    const elsewhere = local.client('us-east-1');
    for (const KeyId of [arn, arn.split('/')[1], 'alias/a/b_c']) {
      await expect(elsewhere.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({
        name: 'NotFoundException',
      });
    }
    const unknown = ['nonsense', arn.replace(/.$/, '0').replace(/....$/, '0000'), 'alias/none'];
    for (const KeyId of unknown) {
      await expect(client.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({
        name: 'NotFoundException',
      });
    }
  });

  test.each([
    [{ MultiRegion: true }, 'UnsupportedOperationException', 'MultiRegion'],
    [{ Origin: 'EXTERNAL' }, 'UnsupportedOperationException', 'Origin'],
    [{ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }, 'UnsupportedOperationException', 'RSA_2048'],
    [{ KeySpec: 'ECC_NIST_P256' }, 'ValidationException', 'not compatible'],
    [{ Policy: '{' }, 'MalformedPolicyDocumentException', 'JSON'],
    [{ Policy: `{"Statement":"${'x'.repeat(32_768)}"}` }, 'LimitExceededException', '32768'],
    [{ Description: 'x'.repeat(8193) }, 'ValidationException', '8192'],
  ] as const)('%o is refused', async (input, name, message) => {
    await expect(client.send(new CreateKeyCommand(input as object))).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });

  test('ListKeys pages through the keys of one Region', async () => {
    const made = new Set<string>();
    for (let n = 0; n < 3; n++) made.add(await local.createKey({}, 'ap-south-1'));
    const elsewhere = local.client('ap-south-1');
    const first = await elsewhere.send(new ListKeysCommand({ Limit: 2 }));
    expect(first).toMatchObject({ Truncated: true, Keys: { length: 2 } });
    const rest = await elsewhere.send(new ListKeysCommand({ Limit: 2, Marker: first.NextMarker }));
    expect(rest.Truncated).toBe(false);
    const listed = [...(first.Keys ?? []), ...(rest.Keys ?? [])].map((key) => key.KeyArn);
    expect(new Set(listed)).toEqual(made);
  });
});

describe('aliases', () => {
  test('are made, moved, listed and deleted', async () => {
    const [first, second] = [await local.createKey(), await local.createKey()];
    const AliasName = 'alias/moving';
    await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: first }));
    await expect(
      client.send(new CreateAliasCommand({ AliasName, TargetKeyId: second })),
    ).rejects.toMatchObject({ name: 'AlreadyExistsException' });
    await client.send(new UpdateAliasCommand({ AliasName, TargetKeyId: second }));
    const listed = await client.send(new ListAliasesCommand({ KeyId: second }));
    expect(listed.Aliases).toMatchObject([{ AliasName, TargetKeyId: second.split('/')[1] }]);
    await client.send(new DeleteAliasCommand({ AliasName }));
    await expect(client.send(new DeleteAliasCommand({ AliasName }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  test.each([
    ['plain', 'ValidationException'],
    ['alias/with space', 'ValidationException'],
    [`alias/${'x'.repeat(251)}`, 'ValidationException'],
    ['alias/aws/s3', 'NotAuthorizedException'],
  ])('the name %s is refused', async (AliasName, name) => {
    const TargetKeyId = await local.createKey();
    const command = new CreateAliasCommand({ AliasName, TargetKeyId });
    await expect(client.send(command)).rejects.toMatchObject({ name });
  });

  test('are 50 for a key at most', async () => {
    const TargetKeyId = await local.createKey();
    for (let n = 0; n < 50; n++) {
      await client.send(new CreateAliasCommand({ AliasName: `alias/many-${n}`, TargetKeyId }));
    }
    const command = new CreateAliasCommand({ AliasName: 'alias/many-50', TargetKeyId });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'LimitExceededException' });
  });
});

describe('tags', () => {
  test('are set, replaced, listed and removed', async () => {
    const KeyId = await local.createKey({ Tags: [{ TagKey: 'a', TagValue: '1' }] });
    const Tags = [
      { TagKey: 'a', TagValue: '2' },
      { TagKey: 'b', TagValue: '' },
    ];
    await client.send(new TagResourceCommand({ KeyId, Tags }));
    expect((await client.send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual(Tags);
    await client.send(new UntagResourceCommand({ KeyId, TagKeys: ['a'] }));
    expect((await client.send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual([Tags[1]]);
  });

  const many = Array.from({ length: 51 }, (_, n) => ({ TagKey: `t${n}`, TagValue: '' }));
  test.each([
    [[{ TagKey: 'k'.repeat(129), TagValue: '' }], 'ValidationException'],
    [[{ TagKey: 'k', TagValue: 'v'.repeat(257) }], 'ValidationException'],
    [[{ TagKey: 'k;', TagValue: '' }], 'TagException'],
    [[{ TagKey: 'aws:k', TagValue: '' }], 'TagException'],
    [[many[0], many[0]], 'TagException'],
    [many, 'LimitExceededException'],
  ])('%o are refused and change nothing', async (Tags, name) => {
    const KeyId = await local.createKey();
    const command = new TagResourceCommand({ KeyId, Tags: Tags as typeof many });
    await expect(client.send(command)).rejects.toMatchObject({ name });
    expect((await client.send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual([]);
  });
});

describe('policy and rotation', () => {
  test('are stored', async () => {
    const KeyId = await local.createKey();
    const original = await client.send(new GetKeyPolicyCommand({ KeyId }));
    expect(original.Policy).toContain('arn:aws:iam::111122223333:root');
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
    await client.send(new PutKeyPolicyCommand({ KeyId, Policy, PolicyName: 'default' }));
    expect((await client.send(new GetKeyPolicyCommand({ KeyId }))).Policy).toBe(Policy);
    const listed = await client.send(new ListKeyPoliciesCommand({ KeyId }));
    expect(listed.PolicyNames).toEqual(['default']);

    const status = async () =>
      (await client.send(new GetKeyRotationStatusCommand({ KeyId }))).KeyRotationEnabled;
    expect(await status()).toBe(false);
    await client.send(new EnableKeyRotationCommand({ KeyId }));
    expect(await status()).toBe(true);
    await client.send(new DisableKeyRotationCommand({ KeyId }));
    expect(await status()).toBe(false);
  });
});

test('an operation it lacks is refused by name, with what there is', async () => {
  const KeyId = await local.createKey();
  const command = new CreateGrantCommand({
    KeyId,
    GranteePrincipal: 'arn:aws:iam::111122223333:root',
    Operations: ['Decrypt'],
  });
  await expect(client.send(command)).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringMatching(
      /^local kms supports CancelKeyDeletion, .*Verify; got CreateGrant$/,
    ),
  });
});
