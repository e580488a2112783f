import { createHash } from 'node:crypto';

/** AlgorithmIdentifier of SHA-256 in DER, without and with its NULL (RFC 5754 2). */
const SHA256_IDENTIFIERS = ['300b0609608648016503040201', '300d06096086480165030402010500'];

/** OCTET STRING of 32 bytes: tag and length. */
const DIGEST_TAG = '0420';

/**
 * Tells a time stamp of these bytes from one of others: whether the `messageImprint` of an RFC 3161
 * answer or token in DER (RFC 3161 2.4.2) is their SHA-256. It says nothing of who stamped, and
 * when: `openssl ts -verify` does, with the certificates of an authority one trusts.
 */
export function isStampOf(stamp: Uint8Array, bytes: Uint8Array): boolean {
  const digest = createHash('sha256').update(bytes).digest('hex');
  const wanted = SHA256_IDENTIFIERS.map((algorithm) =>
    Buffer.from(algorithm + DIGEST_TAG + digest, 'hex'),
  );
  return wanted.some((imprint) => Buffer.from(stamp).includes(imprint));
}
