import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { kmsError } from './kms-error.ts';

/** Layout: version 1 · key id 16 · material number 4 · iv 12 · tag 16 · ciphertext. */
const BLOB_VERSION = 1;
const HEAD_BYTES = 1 + 16 + 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Rotation is stored but makes no new material, so there is only a first one. */
const MATERIAL_NUMBER = 1;

/**
 * Encrypts under a key's material with AES-256-GCM. The blob's head and the encryption context are
 * authenticated, so neither can be exchanged.
 */
export function sealBlob(
  keyId: string,
  material: Buffer,
  plaintext: Buffer,
  context: Buffer,
): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(BLOB_VERSION, 0);
  head.set(Buffer.from(keyId.replaceAll('-', ''), 'hex'), 1);
  head.writeUInt32BE(MATERIAL_NUMBER, 17);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', material, iv).setAAD(Buffer.concat([head, context]));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, iv, cipher.getAuthTag(), sealed]);
}

/**
 * The key id a blob says it is encrypted under.
 * @throws LocalAwsError `InvalidCiphertextException` when it is no blob of the embedded KMS.
 */
export function blobKeyId(blob: Buffer): string {
  const tooShort = blob.length < HEAD_BYTES + IV_BYTES + TAG_BYTES;
  if (tooShort || blob[0] !== BLOB_VERSION || blob.readUInt32BE(17) !== MATERIAL_NUMBER) {
    throw invalidCiphertext();
  }
  return blob.toString('hex', 1, 17).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** @throws LocalAwsError `InvalidCiphertextException` for a changed blob or another context. */
export function openBlob(blob: Buffer, material: Buffer, context: Buffer): Buffer {
  const head = blob.subarray(0, HEAD_BYTES);
  const iv = blob.subarray(HEAD_BYTES, HEAD_BYTES + IV_BYTES);
  const tag = blob.subarray(HEAD_BYTES + IV_BYTES, HEAD_BYTES + IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', material, iv)
    .setAuthTag(tag)
    .setAAD(Buffer.concat([head, context]));
  const sealed = blob.subarray(HEAD_BYTES + IV_BYTES + TAG_BYTES);
  try {
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
}

function invalidCiphertext() {
  return kmsError('InvalidCiphertextException', 'The ciphertext cannot be decrypted.');
}
