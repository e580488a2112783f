/** Bytes of each of the two integers of an ES256 signature (RFC 7518 3.4). */
const INTEGER_BYTES = 32;

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * Turns an ECDSA signature on P-256 from DER, as KMS gives it (ANS X9.62, RFC 3279 2.2.3), into r
 * and s one after the other, as JSON Web Signatures have it (RFC 7518 3.4).
 *
 * @throws RangeError when it is not the DER of two integers of at most 32 bytes.
 */
export function rawSignature(der: Uint8Array): Uint8Array {
  const [tag, length] = der;
  if (tag !== SEQUENCE || length !== der.length - 2) {
    throw new RangeError('An ECDSA signature must be one DER sequence.');
  }
  const r = readInteger(der, 2);
  const s = readInteger(der, r.next);
  if (s.next !== der.length) {
    throw new RangeError('An ECDSA signature must hold two integers.');
  }
  return Buffer.concat([r.bytes, s.bytes]);
}

/** DER writes integers signed and as short as can be; here they have their full 32 bytes. */
function readInteger(der: Uint8Array, at: number): { bytes: Uint8Array; next: number } {
  const length = der[at + 1] ?? 0;
  const next = at + 2 + length;
  const body = der.subarray(at + 2, next);
  const digits = body.subarray(body[0] === 0 ? 1 : 0);
  if (der[at] !== INTEGER || length === 0 || next > der.length || digits.length > INTEGER_BYTES) {
    throw new RangeError('An ECDSA signature must hold two integers of at most 32 bytes.');
  }
  const bytes = Buffer.alloc(INTEGER_BYTES);
  bytes.set(digits, INTEGER_BYTES - digits.length);
  return { bytes, next };
}
