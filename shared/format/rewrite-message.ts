import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { KeyringNode } from '@aws-crypto/material-management-node';
import { encryptingStream } from './encrypting-stream.ts';
import type { MessageIdentity } from './message.ts';
import type { Store } from './message-writer.ts';

/**
 * Encrypts the plaintext of a message once more, as it is, for the same place under other keys
 * (format.md 2.8).
 *
 * @param plaintext - compressed; its chunks need not outlive the next one.
 * @returns what `store` made of it, and the lower-case hex SHA-256 of the plaintext.
 * @throws what `plaintext`, the keyring and `store` throw.
 */
export async function rewriteMessage<Stored>(
  plaintext: AsyncIterable<Buffer>,
  keyring: KeyringNode,
  identity: MessageIdentity,
  store: Store<Stored>,
): Promise<{ readonly stored: Stored; readonly plaintextSha256: string }> {
  const digest = createHash('sha256');
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of plaintext) {
      digest.update(chunk);
      // The stream keeps some chunks while it asks for more.
      yield Buffer.from(chunk);
    }
  }
  const stored = await pipeline(
    hashed,
    encryptingStream(keyring, identity),
    (message: AsyncIterable<Buffer>) => store(message),
  );
  return { stored, plaintextSha256: digest.digest('hex') };
}
