import {
  DecryptCommand,
  type DecryptCommandInput,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKms } from './kms-fixture.ts';

let local: Awaited<ReturnType<typeof startKms>>;
let key: string;
let otherKey: string;
let signingKey: string;

beforeAll(async () => {
  local = await startKms();
  key = await local.createKey();
  otherKey = await local.createKey();
  signingKey = await local.createKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
});
afterAll(() => local.close());

const context = { vault: '01H', snapshot: '01J' };
const secret = Buffer.from('a data key');

async function encrypt(KeyId = key): Promise<Uint8Array> {
  const command = new EncryptCommand({ KeyId, Plaintext: secret, EncryptionContext: context });
  return (await local.client().send(command)).CiphertextBlob as Uint8Array;
}

function decrypt(input: Partial<DecryptCommandInput> & { CiphertextBlob: Uint8Array }) {
  return local.client().send(new DecryptCommand({ EncryptionContext: context, ...input }));
}

describe('Encrypt and Decrypt', () => {
  test('give back the plaintext, with the key named or read from the blob', async () => {
    const CiphertextBlob = await encrypt();
    expect(Buffer.from(CiphertextBlob).includes(secret)).toBe(false);
    for (const input of [{ CiphertextBlob }, { CiphertextBlob, KeyId: key }]) {
      const answer = await decrypt(input);
      expect(Buffer.from(answer.Plaintext as Uint8Array)).toEqual(secret);
      expect(answer).toMatchObject({ KeyId: key, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
    }
  });

  test('take the encryption context in any order', async () => {
    const CiphertextBlob = await encrypt();
    const EncryptionContext = { snapshot: '01J', vault: '01H' };
    await expect(decrypt({ CiphertextBlob, EncryptionContext })).resolves.toBeDefined();
  });

  test.each([
    ['none', {}],
    ['less', { vault: '01H' }],
    ['more', { vault: '01H', snapshot: '01J', more: '' }],
    ['another value', { vault: '01H', snapshot: '01K' }],
    ['the same bytes split elsewhere', { snapshot01J: 'vault01H' }],
  ])('refuse %s as encryption context', async (_name, EncryptionContext) => {
    const CiphertextBlob = await encrypt();
    await expect(decrypt({ CiphertextBlob, EncryptionContext })).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
  });

  test('refuse a blob changed at any byte, cut, or foreign', async () => {
    const blob = Buffer.from(await encrypt());
    for (const position of [0, 17, 20, 21, 33, 49, blob.length - 1]) {
      const changed = Buffer.from(blob);
      changed[position] = (changed[position] ?? 0) ^ 1;
      await expect(decrypt({ CiphertextBlob: changed, KeyId: key })).rejects.toMatchObject({
        name: 'InvalidCiphertextException',
      });
    }
    for (const CiphertextBlob of [blob.subarray(0, -1), blob.subarray(0, 30), Buffer.from('x')]) {
      await expect(decrypt({ CiphertextBlob })).rejects.toMatchObject({
        name: 'InvalidCiphertextException',
      });
    }
  });

  test('refuse a blob of another key, named or relabelled', async () => {
    const blob = Buffer.from(await encrypt());
    await expect(decrypt({ CiphertextBlob: blob, KeyId: otherKey })).rejects.toMatchObject({
      name: 'IncorrectKeyException',
    });
    const relabelled = Buffer.from(await encrypt(otherKey));
    blob.copy(relabelled, 21, 21);
    await expect(decrypt({ CiphertextBlob: relabelled })).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
  });

  test('keep a blob in its Region', async () => {
    const CiphertextBlob = await encrypt();
    const command = new DecryptCommand({ CiphertextBlob, EncryptionContext: context });
    await expect(local.client('us-east-1').send(command)).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('limit the plaintext to 4,096 bytes', async () => {
    const send = (size: number) =>
      local.client().send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.alloc(size, 1) }));
    const { CiphertextBlob } = await send(4096);
    await expect(
      decrypt({ CiphertextBlob: CiphertextBlob as Uint8Array, EncryptionContext: {} }),
    ).resolves.toMatchObject({ KeyId: key });
    await expect(send(4097)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(send(0)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('refuse a signing key', async () => {
    await expect(encrypt(signingKey)).rejects.toMatchObject({
      name: 'InvalidKeyUsageException',
      message: expect.stringContaining('not valid for Encrypt'),
    });
  });

  test('answer DryRun without a result', async () => {
    const command = new EncryptCommand({ KeyId: key, Plaintext: secret, DryRun: true });
    await expect(local.client().send(command)).rejects.toMatchObject({
      name: 'DryRunOperationException',
    });
  });
});

describe('data keys', () => {
  test.each([
    [{ KeySpec: 'AES_256' }, 32],
    [{ KeySpec: 'AES_128' }, 16],
    [{ NumberOfBytes: 64 }, 64],
  ] as const)('of %o have %i bytes and decrypt to the same', async (size, bytes) => {
    const command = new GenerateDataKeyCommand({ KeyId: key, EncryptionContext: context, ...size });
    const made = await local.client().send(command);
    expect(made.Plaintext).toHaveLength(bytes);
    const opened = await decrypt({ CiphertextBlob: made.CiphertextBlob as Uint8Array });
    expect(opened.Plaintext).toEqual(made.Plaintext);
  });

  test('can be made without showing them', async () => {
    const command = new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key, KeySpec: 'AES_256' });
    const made = await local.client().send(command);
    expect(made).not.toHaveProperty('Plaintext');
    const CiphertextBlob = made.CiphertextBlob as Uint8Array;
    expect((await decrypt({ CiphertextBlob, EncryptionContext: {} })).Plaintext).toHaveLength(32);
  });

  test.each([{}, { KeySpec: 'AES_256', NumberOfBytes: 32 }, { NumberOfBytes: 1025 }] as const)(
    'of size %o are refused',
    async (size) => {
      const command = new GenerateDataKeyCommand({ KeyId: key, ...size });
      await expect(local.client().send(command)).rejects.toMatchObject({
        name: 'ValidationException',
      });
    },
  );
});

test('GenerateRandom gives as many bytes as asked for', async () => {
  const send = () => local.client().send(new GenerateRandomCommand({ NumberOfBytes: 24 }));
  const [first, second] = [await send(), await send()];
  expect(first.Plaintext).toHaveLength(24);
  expect(first.Plaintext).not.toEqual(second.Plaintext);
});

test('ReEncrypt moves a ciphertext to another key and context', async () => {
  const command = new ReEncryptCommand({
    CiphertextBlob: await encrypt(),
    SourceEncryptionContext: context,
    DestinationKeyId: otherKey,
    DestinationEncryptionContext: { moved: 'yes' },
  });
  const moved = await local.client().send(command);
  expect(moved).toMatchObject({ SourceKeyId: key, KeyId: otherKey });
  const CiphertextBlob = moved.CiphertextBlob as Uint8Array;
  const opened = await decrypt({ CiphertextBlob, EncryptionContext: { moved: 'yes' } });
  expect(Buffer.from(opened.Plaintext as Uint8Array)).toEqual(secret);
});
