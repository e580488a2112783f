import { createHash, hash } from 'node:crypto';
import { type CopyName, inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import { PART_BYTES } from '../domain/limits.ts';
import type { StoredObject } from '../domain/records.ts';
import type { Copy, CopyUpload, CopyWrite } from '../ports/copy.ts';

/**
 * Up to this many bytes are written in one request, which is cheaper and verified by SHA-256. A
 * pack holds about 32 MiB of plaintext; what does not shrink gains a little on the way.
 */
const WHOLE_BYTES = 40 * 1024 * 1024;

/**
 * Writes one stream to both copies at once, holding at most `WHOLE_BYTES` of it.
 *
 * @returns once both copies have it whole.
 * @throws what the stream or a copy throws; nothing that was not finished can be seen then.
 */
export async function uploadToBoth(
  copies: PerCopy<Copy>,
  key: string,
  write: CopyWrite,
  bytes: AsyncIterable<Buffer>,
): Promise<StoredObject> {
  const queue = new ByteQueue();
  const iterator = bytes[Symbol.asyncIterator]();
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) {
      return putInBoth(copies, key, write, queue.take(queue.size));
    }
    queue.push(next.value);
    if (queue.size > WHOLE_BYTES) {
      return uploadParts(copies, key, write, queue, { [Symbol.asyncIterator]: () => iterator });
    }
  }
}

/** Writes bytes held in memory to both copies. @throws what a copy throws. */
export async function putInBoth(
  copies: PerCopy<Copy>,
  key: string,
  write: CopyWrite,
  bytes: Buffer,
): Promise<StoredObject> {
  const sha256 = hash('sha256', bytes, 'hex');
  const versions = await endedInBoth((copy) => copies[copy].put(key, bytes, { ...write, sha256 }));
  return { key, size: bytes.length, sha256, versions };
}

async function uploadParts(
  copies: PerCopy<Copy>,
  key: string,
  write: CopyWrite,
  queue: ByteQueue,
  rest: AsyncIterable<Buffer>,
): Promise<StoredObject> {
  const unfinished = new Set<CopyUpload>();
  const digest = createHash('sha256');
  let size = 0;
  try {
    const uploads = await endedInBoth(async (copy) => {
      const upload = await copies[copy].open(key, write);
      unfinished.add(upload);
      return upload;
    });
    const writePart = async (part: Buffer): Promise<void> => {
      digest.update(part);
      size += part.length;
      await endedInBoth((copy) => uploads[copy].writePart(part));
    };
    const writeFullParts = async (): Promise<void> => {
      // The last part may be short, but not empty: one full part is kept until more follows.
      while (queue.size > PART_BYTES) {
        await writePart(queue.take(PART_BYTES));
      }
    };
    await writeFullParts();
    for await (const chunk of rest) {
      queue.push(chunk);
      await writeFullParts();
    }
    await writePart(queue.take(queue.size));
    const versions = await endedInBoth(async (copy) => {
      const versionId = await uploads[copy].finish();
      unfinished.delete(uploads[copy]);
      return versionId;
    });
    return { key, size, sha256: digest.digest('hex'), versions };
  } catch (error) {
    // An upload that cannot be aborted either is removed by the bucket's lifecycle rule.
    await Promise.allSettled([...unfinished].map((upload) => upload.abort()));
    throw error;
  }
}

/** Like `inBothCopies`, but a failure waits for the other copy: nothing goes on behind it. */
async function endedInBoth<T>(work: (copy: CopyName) => Promise<T>): Promise<PerCopy<T>> {
  const started = inBothCopies(async (copy) => {
    const [outcome] = await Promise.allSettled([work(copy)]);
    return outcome;
  });
  const { primary, secondary } = await started;
  return { primary: answerOf(primary), secondary: answerOf(secondary) };
}

function answerOf<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') {
    throw outcome.reason;
  }
  return outcome.value;
}

/** Bytes in the order they came, taken out in other portions. */
class ByteQueue {
  size = 0;
  #chunks: Buffer[] = [];

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.size += chunk.length;
  }

  /** Takes the first `count` bytes, of which there must be that many. */
  take(count: number): Buffer {
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#chunks = count < all.length ? [all.subarray(count)] : [];
    this.size -= count;
    return all.subarray(0, count);
  }
}
