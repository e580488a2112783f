import {
  type KeyringNode,
  type NodeDecryptionMaterial,
  NodeDefaultCryptographicMaterialsManager,
  type NodeEncryptionMaterial,
  type NodeMaterialsManager,
} from '@aws-crypto/material-management-node';

type DecryptionRequest = Parameters<NodeMaterialsManager['decryptMaterials']>[0];

/** A message's encryption context is not the expected one. */
export class ContextMismatch extends Error {
  override readonly name = 'ContextMismatch';
}

/**
 * Opens messages of exactly one encryption context. It stands between a message and its keyring,
 * the only place where the context is known and no key has been used yet (format.md 2.4).
 */
export class BoundMaterials implements NodeMaterialsManager {
  readonly #context: Readonly<Record<string, string>>;
  readonly #inner: NodeDefaultCryptographicMaterialsManager;

  constructor(keyring: KeyringNode, context: Readonly<Record<string, string>>) {
    this.#context = context;
    this.#inner = new NodeDefaultCryptographicMaterialsManager(keyring);
  }

  /** @throws ContextMismatch, and whatever the keyring throws. */
  async decryptMaterials(request: DecryptionRequest): Promise<NodeDecryptionMaterial> {
    if (!this.#isExpected(request.encryptionContext)) {
      throw new ContextMismatch('The encryption context is not the expected one.');
    }
    return this.#inner.decryptMaterials(request);
  }

  /** Never called: this manager only reads. */
  async getEncryptionMaterials(): Promise<NodeEncryptionMaterial> {
    throw new Error('These materials open messages only.');
  }

  #isExpected(context: Readonly<Record<string, string>>): boolean {
    const expected = Object.entries(this.#context);
    return (
      Object.keys(context).length === expected.length &&
      expected.every(([name, value]) => context[name] === value)
    );
  }
}
