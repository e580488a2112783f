import { createHash, createPublicKey, verify as verifyWithNode } from 'node:crypto';
import {
  GetPublicKeyCommand,
  SignCommand,
  type SignCommandInput,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKms } from './kms-fixture.ts';

let local: Awaited<ReturnType<typeof startKms>>;
let KeyId: string;
const SigningAlgorithm = 'ECDSA_SHA_256';
const message = Buffer.from('a certificate');
const digest = createHash('sha256').update(message).digest();

beforeAll(async () => {
  local = await startKms();
  KeyId = await local.createKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
});
afterAll(() => local.close());

async function sign(input: Partial<SignCommandInput> = {}): Promise<Uint8Array> {
  const command = new SignCommand({ KeyId, SigningAlgorithm, Message: message, ...input });
  return (await local.client().send(command)).Signature as Uint8Array;
}

test.each([
  ['RAW', { MessageType: 'RAW', Message: message }],
  ['DIGEST', { MessageType: 'DIGEST', Message: digest }],
] as const)('a signature over %s verifies with the public key and in KMS', async (_name, input) => {
  const { PublicKey } = await local.client().send(new GetPublicKeyCommand({ KeyId }));
  const key = createPublicKey({
    key: Buffer.from(PublicKey as Uint8Array),
    format: 'der',
    type: 'spki',
  });
  // Several, because the lengths in DER depend on leading bits.
  for (let round = 0; round < 12; round++) {
    const Signature = await sign(input);
    expect(verifyWithNode('sha256', message, key, Signature)).toBe(true);
    const command = new VerifyCommand({ KeyId, SigningAlgorithm, Signature, ...input });
    expect(await local.client().send(command)).toMatchObject({ SignatureValid: true });
  }
});

test('Verify refuses a changed message, a changed signature and no DER', async () => {
  const good = await sign();
  const changed = Buffer.from(good);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  const cases = [
    { Message: Buffer.from('other'), Signature: good },
    { Message: message, Signature: changed },
    { Message: message, Signature: Buffer.from('not a signature') },
    { Message: message, Signature: Buffer.from([0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00]) },
  ];
  for (const input of cases) {
    const command = new VerifyCommand({ KeyId, SigningAlgorithm, ...input });
    await expect(local.client().send(command)).rejects.toMatchObject({
      name: 'KMSInvalidSignatureException',
    });
  }
});

test('refuses a digest of the wrong length, another algorithm and an encryption key', async () => {
  const short = digest.subarray(1);
  await expect(sign({ MessageType: 'DIGEST', Message: short })).rejects.toMatchObject({
    name: 'ValidationException',
  });
  await expect(sign({ SigningAlgorithm: 'ECDSA_SHA_384' })).rejects.toMatchObject({
    name: 'InvalidKeyUsageException',
  });
  await expect(sign({ KeyId: await local.createKey() })).rejects.toMatchObject({
    name: 'InvalidKeyUsageException',
  });
});
