import { createPublicKey, verify } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Signing } from '../../shared/ports/signing.ts';

/** @param open - called once for the whole suite. */
export function describeSigningContract(name: string, open: () => Promise<Signing>): void {
  describe(`signing contract: ${name}`, () => {
    let signing: Signing;

    beforeAll(async () => {
      signing = await open();
    });

    async function isGood(bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
      const key = createPublicKey(await signing.publicKey());
      return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature);
    }

    test('the public key is a P-256 key in PEM, always the same', async () => {
      const pem = await signing.publicKey();
      expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
      expect(createPublicKey(pem).asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
      expect(await signing.publicKey()).toBe(pem);
    });

    test.each([1, 4096, 4097, 100_000])(
      'what it signs, %i bytes, can be verified',
      async (size) => {
        const bytes = Buffer.alloc(size, '销毁');
        const signature = await signing.sign(bytes);
        expect(signature).toHaveLength(64);
        expect(await isGood(bytes, signature)).toBe(true);
      },
    );

    test('a signature is good for these bytes only', async () => {
      const signature = await signing.sign(Buffer.from('the keys are destroyed'));
      expect(await isGood(Buffer.from('the keys are destroyed!'), signature)).toBe(false);
    });
  });
}
