import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { signDigest, verifyDigest } from './ecdsa-digest.ts';
import { findUsableKey } from './find-key.ts';
import type { KmsCall, KmsOperation } from './kms-call.ts';
import { invalidParameter, kmsError } from './kms-error.ts';
import { optionalChoice, requiredBytes, requiredText } from './read-parameter.ts';

/** Sizes in bytes, from the API reference of Sign and Verify. */
const MESSAGE = { min: 1, max: 4096 } as const;
const SIGNATURE = { min: 1, max: 6144 } as const;
const SHA256_BYTES = 32;

const ALGORITHM = 'ECDSA_SHA_256';

/** The signature is DER, as AWS sends it. */
export const sign: KmsOperation = (call) => {
  const key = findUsableKey(call, 'SIGN_VERIFY');
  refuseOtherAlgorithm(call);
  const signature = signDigest(privateKey(call, key.keyId), readDigest(call));
  return {
    KeyId: key.arn,
    Signature: signature.toString('base64'),
    SigningAlgorithm: ALGORITHM,
  };
};

export const verify: KmsOperation = (call) => {
  const key = findUsableKey(call, 'SIGN_VERIFY');
  refuseOtherAlgorithm(call);
  const signature = requiredBytes(call.input, 'Signature', SIGNATURE);
  if (!verifyDigest(privateKey(call, key.keyId), readDigest(call), signature)) {
    throw kmsError('KMSInvalidSignatureException', 'The signature is not valid.');
  }
  return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: ALGORITHM };
};

export const getPublicKey: KmsOperation = (call) => {
  const key = findUsableKey(call, 'SIGN_VERIFY');
  const spki = createPublicKey(privateKey(call, key.keyId)).export({ format: 'der', type: 'spki' });
  return {
    KeyId: key.arn,
    PublicKey: spki.toString('base64'),
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    KeyUsage: key.usage,
    SigningAlgorithms: [ALGORITHM],
  };
};

function privateKey(call: KmsCall, keyId: string): KeyObject {
  return createPrivateKey({ key: call.store.material(keyId), format: 'der', type: 'pkcs8' });
}

function readDigest(call: KmsCall): Buffer {
  const message = requiredBytes(call.input, 'Message', MESSAGE);
  if (optionalChoice(call.input, 'MessageType', ['RAW', 'DIGEST']) === 'RAW') {
    return createHash('sha256').update(message).digest();
  }
  if (message.length !== SHA256_BYTES) {
    throw invalidParameter(`Digest is invalid length for algorithm ${ALGORITHM}.`);
  }
  return message;
}

function refuseOtherAlgorithm(call: KmsCall): void {
  const algorithm = requiredText(call.input, 'SigningAlgorithm');
  if (algorithm !== ALGORITHM) {
    throw kmsError(
      'InvalidKeyUsageException',
      `Algorithm ${algorithm} is incompatible with key spec ECC_NIST_P256.`,
    );
  }
}
