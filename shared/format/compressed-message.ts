import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import type { KeyringNode } from '@aws-crypto/client-node';
import { HoldfastError } from '../domain/errors.ts';
import { ContextMismatch } from './bound-materials.ts';
import { decryptingStream, type MessageIdentity } from './message.ts';
import { type Damage, damaged, type Origin } from './origin.ts';

/**
 * Bytes that are decrypted at once, and taken from zstd at once: about a frame. Each hand-over to
 * zstd is a trip to another thread.
 */
const CHUNK_BYTES = 1024 * 1024;

/** Chunks that wait for their reader. */
const MAX_CHUNKS = 2;

/**
 * Opens a message that `verified` yields the bytes of. Plaintext is yielded frame by frame, each
 * authenticated; that the message is whole is known only when the generator has ended.
 *
 * @throws HoldfastError `OBJECT_DAMAGED`, and whatever `verified` and the keyring throw.
 */
export async function* openMessage(
  verified: AsyncIterable<Buffer>,
  keyring: KeyringNode,
  identity: MessageIdentity,
  origin: Origin,
): AsyncGenerator<Buffer> {
  const plaintext = createZstdDecompress({
    chunkSize: CHUNK_BYTES,
    // Chunks are passed on as they are: a stream of bytes would join what waits in it.
    readableObjectMode: true,
    readableHighWaterMark: MAX_CHUNKS,
  } as Parameters<typeof createZstdDecompress>[0]);
  const flow = pipeline(gather(verified), decryptingStream(keyring, identity), plaintext);
  // Awaited below; a reader that stops early leaves it to fail unheard.
  flow.catch(() => undefined);
  try {
    yield* plaintext;
    await flow;
  } catch (error) {
    throw error instanceof HoldfastError ? error : damaged(origin, damageOf(error), error);
  } finally {
    plaintext.destroy();
  }
}

/** Tells cut from changed by how the SDK and zstd say it. */
function damageOf(error: unknown): Damage {
  if (error instanceof ContextMismatch) {
    return 'belongs to another object';
  }
  const { message, code } = error as NodeJS.ErrnoException;
  const cut =
    message === 'Incomplete message' || message === 'Incomplete Header' || code === 'Z_BUF_ERROR';
  return cut ? 'truncated' : 'altered';
}

/** Joins chunks, which are as small as the network delivers them. */
async function* gather(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= CHUNK_BYTES) {
      yield Buffer.concat(chunks, size);
      chunks = [];
      size = 0;
    }
  }
  if (size > 0) {
    yield Buffer.concat(chunks, size);
  }
}
