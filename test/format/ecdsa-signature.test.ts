import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { rawSignature } from '../../shared/format/ecdsa-signature.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('an ECDSA signature in DER', () => {
  test('becomes r and s of 32 bytes each, whatever their length in DER', () => {
    const key = createPublicKey(publicKey.export({ format: 'pem', type: 'spki' }));
    const lengths = new Set<number>();
    for (let number = 0; number < 300; number += 1) {
      const bytes = Buffer.from(String(number));
      const der = sign('sha256', bytes, privateKey);
      lengths.add(der.length);
      const raw = rawSignature(der);
      expect(raw).toHaveLength(64);
      expect(verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
    }
    expect(lengths.size).toBeGreaterThan(2);
  });

  test('keeps the leading zeros that DER leaves out', () => {
    const raw = rawSignature(Buffer.from('3006020101020200ff', 'hex').fill(7, 1, 2));
    expect(Buffer.from(raw).toString('hex')).toBe(
      `${'01'.padStart(64, '0')}${'ff'.padStart(64, '0')}`,
    );
  });

  test.each([
    '',
    '30',
    '3000',
    '3003020101',
    '30060201010201',
    '020101',
    `3024${'02210101'.padEnd(70, '0')}020101`,
  ])('is refused when it is none: %s', (hex) => {
    expect(() => rawSignature(Buffer.from(hex, 'hex'))).toThrow(RangeError);
  });
});
