import type { Duplex } from 'node:stream';
import { buildEncrypt } from '@aws-crypto/encrypt-node';
import {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  type KeyringNode,
} from '@aws-crypto/material-management-node';
import { encryptionContext, FRAME_BYTES, MAX_DATA_KEYS, type MessageIdentity } from './message.ts';
import { sparedStream } from './spared-stream.ts';

/** format.md 2.1: key commitment, no signature. */
const SUITE = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;

const { encryptStream } = buildEncrypt({
  commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
  maxEncryptedDataKeys: MAX_DATA_KEYS,
});

/** @returns a stream from plaintext to one AWS Encryption SDK message. */
export function encryptingStream(keyring: KeyringNode, identity: MessageIdentity): Duplex {
  return sparedStream(
    encryptStream(keyring, {
      suiteId: SUITE,
      frameLength: FRAME_BYTES,
      encryptionContext: encryptionContext(identity),
    }),
  );
}
