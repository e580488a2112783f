import { randomBytes } from 'node:crypto';
import {
  type KeyringNode,
  MultiKeyringNode,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';

/** @returns a keyring of its own random key, as far as a message can tell like a vault's. */
export function rawKeyring(name = 'test'): KeyringNode {
  return new RawAesKeyringNode({
    keyNamespace: 'test',
    keyName: name,
    unencryptedMasterKey: new Uint8Array(randomBytes(32)),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
}

/** @returns a keyring that wraps under all of these. */
export function wrappingAll(...keyrings: [KeyringNode, ...KeyringNode[]]): KeyringNode {
  const [generator, ...children] = keyrings;
  return new MultiKeyringNode({ generator, children });
}
