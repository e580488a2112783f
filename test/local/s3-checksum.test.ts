import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CHECKSUM_ALGORITHMS,
  canBeFullObject,
  createHasher,
  joinPartChecksums,
} from '../../local/s3/checksum/algorithm.ts';

/** Check values of the CRC catalogue and of the hash standards for the text `123456789`. */
const CHECK_VALUES = {
  CRC32: 'cbf43926',
  CRC32C: 'e3069283',
  CRC64NVME: 'ae8b14860a799888',
  SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
  MD5: '25f9e794323b453885f5181f1b624d0b',
} as const;

function digestOf(algorithm: (typeof CHECKSUM_ALGORITHMS)[number], ...pieces: Uint8Array[]) {
  const hasher = createHasher(algorithm);
  for (const piece of pieces) {
    hasher.update(piece);
  }
  return hasher.digest();
}

describe('checksums', () => {
  test.each(Object.entries(CHECK_VALUES))('%s has its published check value', (name, hex) => {
    const algorithm = name as keyof typeof CHECK_VALUES;
    expect(digestOf(algorithm, Buffer.from('123456789')).toString('hex')).toBe(hex);
  });

  test.each(CHECKSUM_ALGORITHMS)('%s does not depend on how data is cut', async (algorithm) => {
    await fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (data, at) => {
        const cut = digestOf(algorithm, data.subarray(0, at), data.subarray(at));
        expect(cut).toEqual(digestOf(algorithm, data));
      }),
      { numRuns: 50 },
    );
  });

  test.each(CHECKSUM_ALGORITHMS.filter(canBeFullObject))(
    '%s of parts is joined to that of the whole',
    async (algorithm) => {
      await fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1 }), (pieces) => {
          const parts = pieces.map((piece) => ({
            value: digestOf(algorithm, piece).toString('base64'),
            size: piece.length,
          }));
          expect(joinPartChecksums(algorithm, 'FULL_OBJECT', parts)).toBe(
            digestOf(algorithm, ...pieces).toString('base64'),
          );
        }),
        { numRuns: 50 },
      );
    },
  );
});
