import { createHash, hash } from 'node:crypto';
import { COPY_NAMES, type CopyName, type PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import { PART_BYTES } from '../domain/limits.ts';
import type { StoredObject } from '../domain/records.ts';
import type { Copy, CopyUpload, CopyWrite } from '../ports/copy.ts';

/**
 * Up to this many bytes are written in one request, which is cheaper and verified by SHA-256. A
 * pack holds about 32 MiB of plaintext; what does not shrink gains a little on the way.
 */
const WHOLE_BYTES = 40 * 1024 * 1024;

/** An object whose bytes are complete, and which cannot be seen in any copy yet. */
export type UnseenObject = Omit<StoredObject, 'versions'>;

/** Called once before an object can be seen anywhere; what it throws ends the write. */
export type BeforeSeen = (object: UnseenObject) => Promise<void>;

/**
 * Writes one stream to both copies at once, holding at most `WHOLE_BYTES` of it. A copy that does
 * not answer is left out: its version is `null` then.
 *
 * @param beforeSeen - default: nothing is done.
 * @returns once every copy that answers has it whole; that is at least one.
 * @throws HoldfastError `COPY_UNAVAILABLE` when neither copy answers; what the stream throws, and
 * what a copy throws other than that. Nothing that was not finished can be seen then.
 */
export async function uploadToBoth(
  copies: PerCopy<Copy>,
  key: string,
  write: CopyWrite,
  bytes: AsyncIterable<Buffer>,
  beforeSeen?: BeforeSeen,
): Promise<StoredObject> {
  return upload({ copies, names: COPY_NAMES, key, write, beforeSeen }, bytes);
}

/**
 * Writes one stream to one of the copies.
 * @returns its version id there.
 * @throws what the stream or the copy throws.
 */
export async function uploadToOne(
  copies: PerCopy<Copy>,
  name: CopyName,
  key: string,
  write: CopyWrite,
  bytes: AsyncIterable<Buffer>,
): Promise<string> {
  const { versions } = await upload({ copies, names: [name], key, write }, bytes);
  return versions[name] as string;
}

/** Writes bytes held in memory to both copies. @throws as `uploadToBoth` does. */
export async function putInBoth(
  copies: PerCopy<Copy>,
  key: string,
  write: CopyWrite,
  bytes: Buffer,
  beforeSeen?: BeforeSeen,
): Promise<StoredObject> {
  return putWhole({ copies, names: COPY_NAMES, key, write, beforeSeen }, bytes);
}

/** An object to be written, and where to. */
interface Destination {
  readonly copies: PerCopy<Copy>;
  readonly names: readonly CopyName[];
  readonly key: string;
  readonly write: CopyWrite;
  readonly beforeSeen?: BeforeSeen | undefined;
}

async function upload(to: Destination, bytes: AsyncIterable<Buffer>): Promise<StoredObject> {
  const queue = new ByteQueue();
  const iterator = bytes[Symbol.asyncIterator]();
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) {
      return putWhole(to, queue.take(queue.size));
    }
    queue.push(next.value);
    if (queue.size > WHOLE_BYTES) {
      return uploadParts(to, queue, { [Symbol.asyncIterator]: () => iterator });
    }
  }
}

async function putWhole(to: Destination, bytes: Buffer): Promise<StoredObject> {
  const { copies, names, key, write, beforeSeen } = to;
  const sha256 = hash('sha256', bytes, 'hex');
  const object = { key, size: bytes.length, sha256 };
  await beforeSeen?.(object);
  const answers = await answering(names, (copy) =>
    copies[copy].put(key, bytes, { ...write, sha256 }),
  );
  return { ...object, versions: versionsOf(answers) };
}

async function uploadParts(
  { copies, names, key, write, beforeSeen }: Destination,
  queue: ByteQueue,
  rest: AsyncIterable<Buffer>,
): Promise<StoredObject> {
  const unfinished = new Set<CopyUpload>();
  const digest = createHash('sha256');
  let size = 0;
  try {
    let uploads = await answering(names, async (copy) => {
      const upload = await copies[copy].open(key, write);
      unfinished.add(upload);
      return upload;
    });
    const inEach = async <T>(work: (upload: CopyUpload) => Promise<T>): Promise<Answers<T>> => {
      const before = uploads;
      const answers = await answering([...before.keys()], (copy) =>
        work(before.get(copy) as CopyUpload),
      );
      uploads = new Map([...before].filter(([copy]) => answers.has(copy)));
      return answers;
    };
    const writePart = async (part: Buffer): Promise<void> => {
      digest.update(part);
      size += part.length;
      await inEach((upload) => upload.writePart(part));
    };
    // The last part may be short, but not empty: one full part is kept until more follows.
    const writeFullParts = async (): Promise<void> => {
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
    const object = { key, size, sha256: digest.digest('hex') };
    await beforeSeen?.(object);
    const finished = await inEach(async (upload) => {
      const versionId = await upload.finish();
      unfinished.delete(upload);
      return versionId;
    });
    return { ...object, versions: versionsOf(finished) };
  } finally {
    // An upload that cannot be aborted either is removed by the bucket's lifecycle rule.
    await Promise.allSettled([...unfinished].map((upload) => upload.abort()));
  }
}

/** What the copies that answered have answered. */
type Answers<T> = ReadonlyMap<CopyName, T>;

/**
 * Asks copies at once and waits for all of them, so that nothing goes on behind a failure.
 *
 * @returns the answers of those that are not down, at least one.
 * @throws the outage when all are down, and any other failure of one.
 */
export async function answering<T>(
  names: readonly CopyName[],
  work: (copy: CopyName) => Promise<T>,
): Promise<Answers<T>> {
  const outcomes = await Promise.allSettled(names.map(work));
  const answers = new Map<CopyName, T>();
  const failures: unknown[] = [];
  for (const [index, name] of names.entries()) {
    const outcome = outcomes[index];
    if (outcome?.status === 'fulfilled') {
      answers.set(name, outcome.value);
    } else {
      failures.push(outcome?.reason);
    }
  }
  const fatal = failures.find((failure) => !isFault(failure, 'COPY_UNAVAILABLE'));
  if (fatal !== undefined || answers.size === 0) {
    throw fatal ?? failures[0];
  }
  return answers;
}

function versionsOf(answers: Answers<string>): StoredObject['versions'] {
  return {
    primary: answers.get('primary') ?? null,
    secondary: answers.get('secondary') ?? null,
  };
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
