import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../gateway/json-protocol.ts';
import { blobKeyId, openBlob, sealBlob } from './ciphertext-blob.ts';
import { serialiseEncryptionContext } from './encryption-context.ts';
import { findUsableKey, refuseUnusable } from './find-key.ts';
import type { KeyRecord } from './key-record.ts';
import type { KmsCall, KmsOperation } from './kms-call.ts';
import { invalidParameter, kmsError, unsupportedParameter } from './kms-error.ts';
import { optionalChoice, optionalInteger, optionalText, requiredBytes } from './read-parameter.ts';

/** Sizes in bytes, from the API reference of Encrypt, Decrypt, GenerateDataKey, GenerateRandom. */
const PLAINTEXT = { min: 1, max: 4096 } as const;
const CIPHERTEXT = { min: 1, max: 6144 } as const;
const RANDOM = { min: 1, max: 1024 } as const;
const DATA_KEY_BYTES = { AES_256: 32, AES_128: 16 } as const;

const ALGORITHM = 'SYMMETRIC_DEFAULT';

export const encrypt: KmsOperation = (call) => {
  const plaintext = requiredBytes(call.input, 'Plaintext', PLAINTEXT);
  refuseOtherAlgorithm(call, 'EncryptionAlgorithm');
  const key = findUsableKey(call, 'ENCRYPT_DECRYPT');
  return {
    CiphertextBlob: seal(call, key, plaintext, 'EncryptionContext').toString('base64'),
    KeyId: key.arn,
    EncryptionAlgorithm: ALGORITHM,
  };
};

export const decrypt: KmsOperation = (call) => {
  refuseRecipient(call);
  refuseOtherAlgorithm(call, 'EncryptionAlgorithm');
  const { key, plaintext } = open(call, 'KeyId', 'EncryptionContext');
  return {
    KeyId: key.arn,
    Plaintext: plaintext.toString('base64'),
    EncryptionAlgorithm: ALGORITHM,
  };
};

export const reEncrypt: KmsOperation = (call) => {
  refuseOtherAlgorithm(call, 'SourceEncryptionAlgorithm');
  refuseOtherAlgorithm(call, 'DestinationEncryptionAlgorithm');
  const source = open(call, 'SourceKeyId', 'SourceEncryptionContext');
  const target = findUsableKey(call, 'ENCRYPT_DECRYPT', 'DestinationKeyId');
  const blob = seal(call, target, source.plaintext, 'DestinationEncryptionContext');
  return {
    CiphertextBlob: blob.toString('base64'),
    SourceKeyId: source.key.arn,
    KeyId: target.arn,
    SourceEncryptionAlgorithm: ALGORITHM,
    DestinationEncryptionAlgorithm: ALGORITHM,
  };
};

export const generateDataKey: KmsOperation = (call) => {
  refuseRecipient(call);
  const { dataKey, answer } = makeDataKey(call);
  return { ...answer, Plaintext: dataKey.toString('base64') };
};

export const generateDataKeyWithoutPlaintext: KmsOperation = (call) => makeDataKey(call).answer;

export const generateRandom: KmsOperation = (call) => {
  refuseRecipient(call);
  if (call.input.NumberOfBytes === undefined) throw invalidParameter('NumberOfBytes is missing');
  const size = optionalInteger(call.input, 'NumberOfBytes', { ...RANDOM, fallback: RANDOM.min });
  return { Plaintext: randomBytes(size).toString('base64') };
};

function makeDataKey(call: KmsCall): { dataKey: Buffer; answer: JsonObject } {
  const dataKey = randomBytes(readDataKeySize(call));
  const key = findUsableKey(call, 'ENCRYPT_DECRYPT');
  const blob = seal(call, key, dataKey, 'EncryptionContext');
  return { dataKey, answer: { CiphertextBlob: blob.toString('base64'), KeyId: key.arn } };
}

function readDataKeySize({ input }: KmsCall): number {
  const hasSpec = input.KeySpec !== undefined;
  if (hasSpec === (input.NumberOfBytes !== undefined)) {
    throw invalidParameter('Please specify either number of bytes or key spec.');
  }
  if (!hasSpec) return optionalInteger(input, 'NumberOfBytes', { ...RANDOM, fallback: RANDOM.min });
  return DATA_KEY_BYTES[optionalChoice(input, 'KeySpec', ['AES_256', 'AES_128'])];
}

function seal(call: KmsCall, key: KeyRecord, plaintext: Buffer, parameter: string): Buffer {
  const context = serialiseEncryptionContext(call.input, parameter);
  return sealBlob(key.keyId, call.store.material(key.keyId), plaintext, context);
}

/**
 * Decrypts the call's `CiphertextBlob`. A key given by the caller is looked up first, so that a
 * destroyed key answers `NotFoundException`; without one the blob says which key it needs.
 */
function open(
  call: KmsCall,
  keyParameter: string,
  contextParameter: string,
): { key: KeyRecord; plaintext: Buffer } {
  const { input, store, region } = call;
  const blob = requiredBytes(input, 'CiphertextBlob', CIPHERTEXT);
  const context = serialiseEncryptionContext(input, contextParameter);
  if (optionalText(input, keyParameter) !== undefined) {
    const key = findUsableKey(call, 'ENCRYPT_DECRYPT', keyParameter);
    if (blobKeyId(blob) !== key.keyId) {
      throw kmsError(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    }
    return { key, plaintext: openBlob(blob, store.material(key.keyId), context) };
  }
  const key = store.find(region, blobKeyId(blob));
  if (key === undefined) {
    // AWS hides whether the key ever existed from a caller that does not name it.
    throw kmsError(
      'AccessDeniedException',
      'The ciphertext refers to a customer master key that does not exist, ' +
        'does not exist in this region, or you are not allowed to access.',
    );
  }
  refuseUnusable(key, 'ENCRYPT_DECRYPT', call.request.headers['x-amz-target']);
  return { key, plaintext: openBlob(blob, store.material(key.keyId), context) };
}

function refuseOtherAlgorithm(call: KmsCall, parameter: string): void {
  const algorithm = optionalText(call.input, parameter) ?? ALGORITHM;
  if (algorithm !== ALGORITHM) {
    throw unsupportedParameter(`${parameter} ${ALGORITHM} is there; got ${algorithm}`);
  }
}

function refuseRecipient(call: KmsCall): void {
  if (call.input.Recipient !== undefined) {
    throw unsupportedParameter('Recipient (Nitro enclaves) is not there');
  }
}
