import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KmsSigning } from '../../shared/aws/kms-signing.ts';
import { type EmbeddedServices, startEmbeddedServices } from '../support/embedded-services.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';
import { describeSigningContract } from './signing.contract.ts';

const ALIAS = 'alias/holdfast-test-signing';

let embedded: EmbeddedServices;

beforeAll(async () => {
  embedded = await startEmbeddedServices();
}, 60_000);
afterAll(() => embedded.stop());

const kms = () => embedded.clients.kms(TEST_INSTALLATION.regions.primary);

describeSigningContract('KMS', async () => {
  const { KeyMetadata } = await kms().createKey({
    KeySpec: 'ECC_NIST_P256',
    KeyUsage: 'SIGN_VERIFY',
  });
  await kms().createAlias({ AliasName: ALIAS, TargetKeyId: KeyMetadata?.KeyId });
  return new KmsSigning({ client: kms(), keyId: ALIAS, retired: [] });
});

test('a key that is not there cannot sign, and says so', async () => {
  const signing = new KmsSigning({ client: kms(), keyId: 'alias/none', retired: [] });
  await expect(signing.sign(Buffer.from('x'))).rejects.toMatchObject({
    code: 'SIGNING_UNAVAILABLE',
  });
  await expect(signing.publicKey()).rejects.toMatchObject({ code: 'SIGNING_UNAVAILABLE' });
});

test('keys that signed before are known from their base64, in the form of the present one', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const retired = [pem.split('\n').slice(1, -2).join('')];
  expect(new KmsSigning({ client: kms(), keyId: ALIAS, retired }).retiredKeys()).toEqual([pem]);
});
