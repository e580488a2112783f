import { KmsKeyringNode, type KmsKeyringNodeInput } from '@aws-crypto/kms-keyring-node';
import {
  type EncryptedDataKey,
  KeyringNode,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
} from '@aws-crypto/material-management-node';
import type { KMS } from '@aws-sdk/client-kms';
import { keyFault, ownerOf } from './kms-faults.ts';
import { awsAnswerOf } from './translate-errors.ts';

export interface KmsKeyringOptions {
  /** Key that makes data keys; without it the keyring only unwraps. */
  readonly generatorKeyId?: string;
  readonly keyIds: readonly string[];
  /** The client of a Region that holds one of the keys. */
  readonly clientOf: (region: string) => KMS;
}

/** Answers that speak of the message and not of the key: the message is not one of this key's. */
const ABOUT_THE_MESSAGE = ['InvalidCiphertextException', 'IncorrectKeyException'];

/** A client as the Encryption SDK's keyring calls it. */
type KeyringClient = Exclude<ReturnType<NonNullable<KmsKeyringNodeInput['clientProvider']>>, false>;

interface KmsFailure {
  readonly keyId: string;
  readonly error: unknown;
}

/**
 * The Encryption SDK's KMS keyring, which hides what KMS answered in a text made of stack traces;
 * this one throws Holdfast's own errors instead. It keeps no data key: a cache would outlive an
 * erasure.
 */
export class KmsKeyring extends KeyringNode {
  readonly #options: KmsKeyringOptions;

  constructor(options: KmsKeyringOptions) {
    super();
    this.#options = options;
  }

  override async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    return this.#run((keyring) => keyring.onEncrypt(material));
  }

  override async _onDecrypt(
    material: NodeDecryptionMaterial,
    encryptedDataKeys: EncryptedDataKey[],
  ): Promise<NodeDecryptionMaterial> {
    return this.#run((keyring) => keyring.onDecrypt(material, encryptedDataKeys));
  }

  async #run<Material>(use: (keyring: KeyringNode) => Promise<Material>): Promise<Material> {
    const failures: KmsFailure[] = [];
    const { generatorKeyId, keyIds, clientOf } = this.#options;
    const keyring = new KmsKeyringNode({
      ...(generatorKeyId === undefined ? {} : { generatorKeyId }),
      keyIds: [...keyIds],
      clientProvider: (region) => watched(clientOf(region), failures),
    });
    try {
      return await use(keyring);
    } catch (error) {
      const failure = failures.at(-1);
      if (failure === undefined || ABOUT_THE_MESSAGE.includes(awsAnswerOf(failure.error).code)) {
        throw error;
      }
      throw keyFault(ownerOf(failure.keyId), failure.error);
    }
  }
}

/** The three calls a keyring makes, with a note of each failure. */
function watched(client: KMS, failures: KmsFailure[]): KeyringClient {
  const note =
    (keyId: string | undefined) =>
    (error: unknown): never => {
      failures.push({ keyId: keyId ?? '', error });
      throw error;
    };
  const calls = {
    generateDataKey: (input: Parameters<KMS['generateDataKey']>[0]) =>
      client.generateDataKey(input).catch(note(input.KeyId)),
    encrypt: (input: Parameters<KMS['encrypt']>[0]) =>
      client.encrypt(input).catch(note(input.KeyId)),
    decrypt: (input: Parameters<KMS['decrypt']>[0]) =>
      client.decrypt(input).catch(note(input.KeyId)),
  };
  // The two libraries write optional properties differently; the keyring checks all it reads.
  return calls as KeyringClient;
}
