import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, type ZstdCompress } from 'node:zlib';
import type { KeyringNode } from '@aws-crypto/material-management-node';
import { encryptingStream } from './encrypting-stream.ts';
import type { MessageIdentity } from './message.ts';
import { releaseMemory } from './release-memory.ts';

/**
 * Bytes handed to zstd at once, and taken from it. Each hand-over is a trip to another thread; tar
 * headers and manifest lines are far too small for that.
 */
const BATCH_BYTES = 1024 * 1024;

/**
 * Level 1 takes 60 % of the CPU of zstd's default 3 on JSON, and less than half of it on files that
 * are compressed already; it stores 6 % more of the JSON (docs/performance.md).
 */
const ZSTD_LEVEL = 1;

/** Chunks that wait between compression and encryption: one in work, one behind it. */
const MAX_CHUNKS = 2;

/** Smaller chunks share their memory with others. */
const RELEASED_BYTES = 64 * 1024;

/** Of one UTF-16 unit. */
const MOST_UTF8_BYTES = 3;

/**
 * Takes the finished message: gives each byte to the copies, answers when they have it all. A chunk
 * is there until the next one is asked for.
 */
export type Store<Stored> = (message: AsyncIterable<Buffer>) => Promise<Stored>;

/**
 * Compresses, encrypts and stores bytes as they come (format.md 2, 3.1, 4.1). They are copied into
 * one of two batches that are used again and again: one is filled while zstd reads the other, so
 * that the caller may do what it likes with its own, and the garbage collector has nothing to do.
 * Exactly one of `finish` and `abandon` ends it.
 */
export class MessageWriter<Stored> {
  readonly #compressor: ZstdCompress = compressor();
  readonly #stored: Promise<Stored>;
  #filling = Buffer.allocUnsafeSlow(BATCH_BYTES);
  #filled = 0;
  #other = Buffer.allocUnsafeSlow(BATCH_BYTES);
  /** Until zstd has read `#other`. */
  #reading: Promise<void> = Promise.resolve();

  constructor(keyring: KeyringNode, identity: MessageIdentity, store: Store<Stored>) {
    this.#stored = pipeline(
      this.#compressor,
      encryptingStream(keyring, identity),
      (message: AsyncIterable<Buffer>) => store(releasing(message)),
    );
    // Heard by whichever call comes next.
    this.#stored.catch(() => undefined);
  }

  /**
   * Adds bytes.
   * @returns when the caller may go on; `undefined` when that is at once, as most times: a promise
   * for each line or tar header would cost more than to copy it.
   * @throws what `store` or the keyring have thrown meanwhile.
   */
  write(...pieces: readonly Buffer[]): Promise<void> | undefined {
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    if (this.#filled + size >= BATCH_BYTES) {
      return this.#writeOn(pieces);
    }
    for (const piece of pieces) {
      this.#filled += piece.copy(this.#filling, this.#filled);
    }
    return undefined;
  }

  /** Adds text as UTF-8. @returns as `write` does. */
  writeText(text: string): Promise<void> | undefined {
    if (this.#filled + text.length * MOST_UTF8_BYTES >= BATCH_BYTES) {
      return this.write(Buffer.from(text));
    }
    this.#filled += this.#filling.write(text, this.#filled);
    return undefined;
  }

  /** Ends the message. @returns what `store` answers. */
  async finish(): Promise<Stored> {
    await this.#hand();
    await this.#settled(this.#reading);
    this.#compressor.end();
    return this.#stored;
  }

  /** Gives the message up; `store` sees its input fail. */
  async abandon(error: Error): Promise<void> {
    this.#compressor.destroy(error);
    await this.#stored.catch(() => undefined);
  }

  async #writeOn(pieces: readonly Buffer[]): Promise<void> {
    for (const piece of pieces) {
      for (let from = 0; from < piece.length; ) {
        const copied = piece.copy(this.#filling, this.#filled, from);
        from += copied;
        this.#filled += copied;
        if (this.#filled === BATCH_BYTES) {
          await this.#hand();
        }
      }
    }
  }

  /** Gives the filled batch to zstd as soon as it has read the one before. */
  async #hand(): Promise<void> {
    await this.#settled(this.#reading);
    const batch = this.#filling.subarray(0, this.#filled);
    this.#reading = new Promise((resolve, reject) => {
      this.#compressor.write(batch, (error) => (error ? reject(error) : resolve()));
    });
    // Heard by whichever call comes next.
    this.#reading.catch(() => undefined);
    [this.#filling, this.#other] = [this.#other, this.#filling];
    this.#filled = 0;
  }

  /** When the store failed, the stream only says that it was closed: the cause comes first. */
  async #settled(reading: Promise<void>): Promise<void> {
    try {
      await reading;
    } catch (error) {
      await this.#stored;
      throw error;
    }
  }
}

/**
 * Chunks are passed on as they are: a stream of bytes would join what waits in it, one more copy.
 */
function compressor(): ZstdCompress {
  return createZstdCompress({
    chunkSize: BATCH_BYTES,
    readableObjectMode: true,
    readableHighWaterMark: MAX_CHUNKS,
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
  } as Parameters<typeof createZstdCompress>[0]);
}

/** Frames have memory of their own, which would pile up until the next collection. */
async function* releasing(message: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of message) {
    yield chunk;
    if (chunk.length >= RELEASED_BYTES) {
      releaseMemory(chunk);
    }
  }
}
