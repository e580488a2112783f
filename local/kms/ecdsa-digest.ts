import { createECDH, type KeyObject, randomBytes } from 'node:crypto';

/** Order of the curve P-256. FIPS 186-5 and SP 800-186. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const FIELD_BYTES = 32;

/**
 * ECDSA on P-256 over a digest that is made already. Node can only sign what it hashes itself, so
 * the arithmetic modulo the order is done here and the curve is left to OpenSSL. It is not constant
 * in time and meant for the embedded KMS alone, which guards nothing real.
 *
 * @returns the signature in DER.
 */
export function signDigest(privateKey: KeyObject, digest: Buffer): Buffer {
  const secret = secretScalar(privateKey);
  for (;;) {
    const nonce = toInteger(randomBytes(FIELD_BYTES));
    if (nonce === 0n || nonce >= ORDER) continue;
    const r = multipliedX(nonce) % ORDER;
    const s = modulo(invert(nonce) * (toInteger(digest) + r * secret));
    if (r !== 0n && s !== 0n) return encodeDer(r, s);
  }
}

/**
 * Verifies with the secret key: u1·G + u2·Q is (u1 + u2·d)·G, a single multiplication.
 * @returns `false` also for a signature that is no DER.
 */
export function verifyDigest(privateKey: KeyObject, digest: Buffer, signature: Buffer): boolean {
  const decoded = decodeDer(signature);
  if (decoded === undefined) return false;
  const { r, s } = decoded;
  if (r <= 0n || r >= ORDER || s <= 0n || s >= ORDER) return false;
  const scalar = modulo(invert(s) * (toInteger(digest) + r * secretScalar(privateKey)));
  return scalar !== 0n && multipliedX(scalar) % ORDER === r;
}

/** X coordinate of `scalar` times the curve's base point. */
function multipliedX(scalar: bigint): bigint {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(toBytes(scalar));
  return toInteger(curve.getPublicKey().subarray(1, 1 + FIELD_BYTES));
}

function secretScalar(privateKey: KeyObject): bigint {
  return toInteger(Buffer.from(String(privateKey.export({ format: 'jwk' }).d), 'base64url'));
}

function invert(value: bigint): bigint {
  let [low, high, x, y] = [modulo(value), ORDER, 1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high, x, y] = [high - quotient * low, low, y - quotient * x, x];
  }
  return modulo(x);
}

function modulo(value: bigint): bigint {
  return ((value % ORDER) + ORDER) % ORDER;
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(FIELD_BYTES * 2, '0'), 'hex');
}

function encodeDer(r: bigint, s: bigint): Buffer {
  const parts = Buffer.concat([encodeInteger(r), encodeInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, parts.length]), parts]);
}

function encodeInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}

/** Only the one encoding of a pair of integers that DER allows is read. */
function decodeDer(signature: Buffer): { r: bigint; s: bigint } | undefined {
  const rLength = signature[3] ?? 0;
  const sLength = signature[5 + rLength] ?? 0;
  if (rLength === 0 || sLength === 0) return undefined;
  const r = toInteger(signature.subarray(4, 4 + rLength));
  const s = toInteger(signature.subarray(6 + rLength, 6 + rLength + sLength));
  return encodeDer(r, s).equals(signature) ? { r, s } : undefined;
}
