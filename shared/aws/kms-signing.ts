import { createHash, createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, type KMS, SignCommand } from '@aws-sdk/client-kms';
import { HoldfastError } from '../domain/errors.ts';
import { rawSignature } from '../format/ecdsa-signature.ts';
import type { Signing } from '../ports/signing.ts';
import { awsAnswerOf } from './translate-errors.ts';

export interface KmsSigningOptions {
  readonly client: KMS;
  /** ARN of the key's alias; the key is ECC_NIST_P256 and may SIGN_VERIFY only. */
  readonly keyId: string;
  /** SubjectPublicKeyInfo in DER, base64, of keys that signed before. */
  readonly retired: readonly string[];
}

/** Signs with an asymmetric KMS key, whose private half never leaves KMS. */
export class KmsSigning implements Signing {
  readonly #options: KmsSigningOptions;

  constructor(options: KmsSigningOptions) {
    this.#options = options;
  }

  async sign(bytes: Uint8Array): Promise<Uint8Array> {
    const { client, keyId } = this.#options;
    const command = new SignCommand({
      KeyId: keyId,
      // KMS takes messages of at most 4,096 bytes, and the digest of any (KMS API, Sign).
      Message: createHash('sha256').update(bytes).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    const { Signature } = await client.send(command).catch(unavailable);
    return rawSignature(Signature ?? Buffer.alloc(0));
  }

  async publicKey(): Promise<string> {
    const { client, keyId } = this.#options;
    const { PublicKey } = await client
      .send(new GetPublicKeyCommand({ KeyId: keyId }))
      .catch(unavailable);
    return pemOf(Buffer.from(PublicKey ?? []));
  }

  retiredKeys(): readonly string[] {
    return this.#options.retired.map((key) => pemOf(Buffer.from(key, 'base64')));
  }
}

function pemOf(der: Buffer): string {
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
    .export({ format: 'pem', type: 'spki' })
    .toString();
}

function unavailable(error: unknown): never {
  throw new HoldfastError('SIGNING_UNAVAILABLE', {}, awsAnswerOf(error));
}
