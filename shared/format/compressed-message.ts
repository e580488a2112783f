import { createZstdDecompress, type ZstdDecompress } from 'node:zlib';
import type { KeyringNode } from '@aws-crypto/material-management-node';
import { HoldfastError } from '../domain/errors.ts';
import { ContextMismatch } from './bound-materials.ts';
import type { MessageIdentity } from './message.ts';
import { decryptFrames, MessageCut } from './message-reader.ts';
import { type Damage, damaged, type Origin } from './origin.ts';
import { releaseMemory } from './release-memory.ts';

/** Bytes taken from zstd at once. Each hand-over is a trip to another thread. */
const CHUNK_BYTES = 1024 * 1024;

/** Chunks that wait for their reader. */
const MAX_CHUNKS = 2;

/**
 * Opens a message that `ciphertext` yields the bytes of. Only plaintext of frames that are
 * authenticated is yielded; that the message is whole is known only when the generator has ended.
 *
 * A chunk is valid until the next one is asked for: its memory is given back then.
 *
 * @throws HoldfastError `OBJECT_DAMAGED`, and whatever `ciphertext` and the keyring throw.
 */
export async function* openMessage(
  ciphertext: AsyncIterable<Buffer>,
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
  const frames = decryptFrames(ciphertext, keyring, identity);
  const feeding = feed(frames, plaintext);
  // Awaited below; a reader that stops early leaves it to fail unheard.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of plaintext as AsyncIterable<Buffer>) {
      yield chunk;
      releaseMemory(chunk);
    }
    await feeding;
  } catch (error) {
    throw error instanceof HoldfastError ? error : damaged(origin, damageOf(error), error);
  } finally {
    plaintext.destroy();
    frames.return(undefined).catch(() => undefined);
  }
}

/**
 * Opens a message and leaves its plaintext compressed as it is, for whoever writes it anew. A chunk
 * is valid until the second one after it is asked for.
 *
 * @throws HoldfastError as `openMessage` does.
 */
export async function* openCompressed(
  ciphertext: AsyncIterable<Buffer>,
  keyring: KeyringNode,
  identity: MessageIdentity,
  origin: Origin,
): AsyncGenerator<Buffer> {
  try {
    yield* decryptFrames(ciphertext, keyring, identity);
  } catch (error) {
    throw error instanceof HoldfastError ? error : damaged(origin, damageOf(error), error);
  }
}

/** Decrypts one frame while zstd reads the one before. */
async function feed(frames: AsyncGenerator<Buffer>, zstd: ZstdDecompress): Promise<void> {
  try {
    let reading: Promise<void> = Promise.resolve();
    for await (const frame of frames) {
      await reading;
      reading = new Promise((resolve, reject) => {
        zstd.write(frame, (error) => (error ? reject(error) : resolve()));
      });
      // Heard in the next turn, or below.
      reading.catch(() => undefined);
    }
    await reading;
    zstd.end();
  } catch (error) {
    zstd.destroy(error as Error);
    throw error;
  }
}

/** Tells cut from changed by how the SDK and zstd say it. */
function damageOf(error: unknown): Damage {
  if (error instanceof ContextMismatch) {
    return 'belongs to another object';
  }
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof MessageCut || code === 'Z_BUF_ERROR' ? 'truncated' : 'altered';
}
