import type { KeyringNode } from '@aws-crypto/client-node';
import { openMessage } from '../../shared/format/compressed-message.ts';
import type { MessageIdentity } from '../../shared/format/message.ts';
import type { Origin } from '../../shared/format/origin.ts';

export const ORIGIN: Origin = { copy: 'primary', object: 'vaults/v/packs/p' };

/** A `Store` that keeps the message in memory. */
export async function inMemory(message: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(message, (chunk) => Buffer.from(chunk)));
}

/** Yields bytes in pieces, as a network would. */
export async function* inPieces(bytes: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}

/** @returns the plaintext of a message in memory. */
export async function plaintextOf(
  message: Buffer,
  keyring: KeyringNode,
  identity: MessageIdentity,
): Promise<Buffer> {
  return copied(openMessage(inPieces(message), keyring, identity, ORIGIN));
}

/** @returns all bytes of a stream whose chunks are valid only until the next one is asked for. */
export async function copied(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) {
    copies.push(Buffer.from(chunk));
  }
  return Buffer.concat(copies);
}
