import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress, type ZstdCompress } from 'node:zlib';
import type { KeyringNode } from '@aws-crypto/client-node';
import { HoldfastError } from '../domain/errors.ts';
import { ContextMismatch } from './bound-materials.ts';
import { decryptingStream, encryptingStream, type MessageIdentity } from './message.ts';
import { type Damage, damaged, type Origin } from './origin.ts';

/**
 * Bytes handed to zstd at once. Each hand-over is a trip to another thread; tar's blocks of 512
 * bytes and manifest lines are far too small for that.
 */
export const CHUNK_BYTES = 256 * 1024;

/** zstd's own default: about 300 MB/s per core, and office files gain little beyond it. */
const ZSTD_LEVEL = 3;

/** Takes the finished message: gives each byte to the copies, answers when they have it all. */
export type Store<Stored> = (message: AsyncIterable<Buffer>) => Promise<Stored>;

/** @returns the compressor of packs and manifests, format.md 3.1 and 4.1. */
function compressor(): ZstdCompress {
  return createZstdCompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
  });
}

/** Compresses, encrypts and stores a stream. @returns what `store` answers. */
export function storeMessage<Stored>(
  plaintext: AsyncIterable<Buffer>,
  keyring: KeyringNode,
  identity: MessageIdentity,
  store: Store<Stored>,
): Promise<Stored> {
  const encrypting = encryptingStream(keyring, identity);
  return pipeline(gather(plaintext), compressor(), encrypting, (message: AsyncIterable<Buffer>) =>
    store(message),
  );
}

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
  const plaintext = createZstdDecompress({ chunkSize: CHUNK_BYTES });
  const flow = pipeline(verified, decryptingStream(keyring, identity), plaintext);
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

/** Joins small chunks into chunks of at least `CHUNK_BYTES`. */
async function* gather(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= CHUNK_BYTES) {
      yield joined(chunks);
      chunks = [];
      size = 0;
    }
  }
  if (size > 0) {
    yield joined(chunks);
  }
}

function joined(chunks: Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}
