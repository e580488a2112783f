import {
  type EncryptedDataKey,
  KeyringNode,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
} from '@aws-crypto/client-node';

/** Runs a check before every use of another keyring, and so lets a test forbid its use. */
export class CheckedKeyring extends KeyringNode {
  readonly #inner: KeyringNode;
  readonly #check: () => void;

  /** @param check - throws when the keyring must not be used now. */
  constructor(inner: KeyringNode, check: () => void) {
    super();
    this.#inner = inner;
    this.#check = check;
  }

  override async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    this.#check();
    return this.#inner.onEncrypt(material);
  }

  override async _onDecrypt(
    material: NodeDecryptionMaterial,
    encryptedDataKeys: EncryptedDataKey[],
  ): Promise<NodeDecryptionMaterial> {
    this.#check();
    return this.#inner.onDecrypt(material, encryptedDataKeys);
  }
}
