import type { KeyringNode } from '@aws-crypto/material-management-node';
import { z } from 'zod';
import type { PathRange } from '../domain/path-range.ts';
import { openMessage } from './compressed-message.ts';
import type { MessageIdentity } from './message.ts';
import { MessageWriter } from './message-writer.ts';
import { damaged, type Origin } from './origin.ts';

const schema = z.object({ after: z.string().nullable(), upTo: z.string().nullable() });

/** A range's message; its context names the shard (format.md 2.3, 2.6). */
export type RangeIdentity = MessageIdentity & { readonly object: `range/${number}` };

/**
 * Encrypts a range of paths, so that it can lie in the ledger (format.md 1.3, 2.6).
 * @returns the message in Base64.
 * @throws what the keyring throws.
 */
export async function sealRange(
  keyring: KeyringNode,
  identity: RangeIdentity,
  { after, upTo }: PathRange,
): Promise<string> {
  const writer = new MessageWriter(keyring, identity, async (message) => {
    const chunks = await Array.fromAsync(message, (chunk) => Buffer.from(chunk));
    return Buffer.concat(chunks).toString('base64');
  });
  await writer.write(Buffer.from(JSON.stringify({ after, upTo })));
  return writer.finish();
}

/**
 * Decrypts what `sealRange` gave.
 * @param origin - what an error names.
 * @throws HoldfastError `OBJECT_DAMAGED`, and what the keyring throws.
 */
export async function openRange(
  keyring: KeyringNode,
  identity: RangeIdentity,
  text: string,
  origin: Origin,
): Promise<PathRange> {
  const message = [Buffer.from(text, 'base64')];
  const plaintext = openMessage(asyncOf(message), keyring, identity, origin);
  const json = Buffer.concat(await Array.fromAsync(plaintext)).toString('utf8');
  const range = schema.safeParse(JSON.parse(json)).data;
  if (range === undefined) {
    throw damaged(origin, 'malformed: it is no range of paths');
  }
  return range;
}

async function* asyncOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}
