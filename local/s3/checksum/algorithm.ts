import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { combineCrc } from './combine-crc.ts';
import { crc32c } from './crc32c.ts';
import { CRC64_NVME_POLYNOMIAL, Crc64Nvme } from './crc64-nvme.ts';

/** The checksum algorithms this S3 computes, as S3 names them in XML and in header names. */
export const CHECKSUM_ALGORITHMS = [
  'CRC32',
  'CRC32C',
  'CRC64NVME',
  'SHA1',
  'SHA256',
  'SHA512',
  'MD5',
] as const;

/** One of them. */
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** Algorithms S3 knows and this one lacks; a request that names one is refused by name. */
export const MISSING_ALGORITHMS: readonly string[] = ['XXHASH3', 'XXHASH64', 'XXHASH128'];

/** Whether a checksum covers the object's bytes or the list of its parts' checksums. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** A checksum as stored. `value` is base64, with `-<parts>` at its end when composite. */
export interface ObjectChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
  readonly type: ChecksumType;
}

/** A running checksum. */
export interface Hasher {
  update(data: Uint8Array): void;
  /** The final bytes; called once. */
  digest(): Buffer;
}

const NODE_HASHES = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512', MD5: 'md5' } as const;

/** Bit-reversed polynomials of the CRCs, for combining parts. CRC-32 is IEEE 802.3. */
const POLYNOMIALS: Partial<Record<ChecksumAlgorithm, bigint>> = {
  CRC32: 0xedb88320n,
  CRC32C: 0x82f63b78n,
  CRC64NVME: CRC64_NVME_POLYNOMIAL,
};

function hasher32(step: (data: Uint8Array, previous: number) => number): Hasher {
  let value = 0;
  return {
    update(data) {
      value = step(data, value);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}

/** Starts a checksum of one algorithm. */
export function createHasher(algorithm: ChecksumAlgorithm): Hasher {
  switch (algorithm) {
    case 'CRC32':
      return hasher32((data, previous) => crc32(data, previous));
    case 'CRC32C':
      return hasher32(crc32c);
    case 'CRC64NVME':
      return new Crc64Nvme();
    default:
      return createHash(NODE_HASHES[algorithm]);
  }
}

/** Whether parts' checksums can be joined into one over the whole object: true for the CRCs. */
export function canBeFullObject(algorithm: ChecksumAlgorithm): boolean {
  return POLYNOMIALS[algorithm] !== undefined;
}

/** The checksum of a finished multipart upload, from its parts' checksums in order. */
export function joinPartChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly value: string; readonly size: number }[],
): string {
  const digests: Buffer[] = parts.map((part) => Buffer.from(part.value, 'base64'));
  const polynomial = POLYNOMIALS[algorithm];
  if (type === 'FULL_OBJECT' && polynomial !== undefined) {
    return digests
      .reduce((sum, digest, i) => combineCrc(sum, digest, parts[i]?.size ?? 0, polynomial))
      .toString('base64');
  }
  const hasher = createHasher(algorithm);
  hasher.update(Buffer.concat(digests));
  return `${hasher.digest().toString('base64')}-${parts.length}`;
}

/** `CRC32` → `x-amz-checksum-crc32`. */
export function checksumHeader(algorithm: string): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** `CRC32` → `ChecksumCRC32`, the element S3 uses in XML. */
export function checksumElement(algorithm: string): string {
  return `Checksum${algorithm}`;
}
