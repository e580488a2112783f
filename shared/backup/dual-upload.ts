import { createHash, hash } from 'node:crypto';
import { COPY_NAMES, type CopyName, type PerCopy } from '../domain/copy-name.ts';
import type { StoredObject } from '../domain/records.ts';
import type { Copy, CopyWrite } from '../ports/copy.ts';
import { answering, versionsOf } from './answering-copies.ts';
import { PartsUpload } from './parts-upload.ts';
import { withUploadBuffer } from './upload-buffers.ts';

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
  const sha256 = hash('sha256', bytes, 'hex');
  return putWhole({ copies, names: COPY_NAMES, key, write, beforeSeen }, bytes, sha256);
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
  const parts = new PartsUpload();
  try {
    return await withUploadBuffer((buffer) => gather(to, bytes, buffer, parts));
  } finally {
    await parts.abort();
  }
}

/** Fills the buffer; when there is more, parts are written from it and it is filled again. */
async function gather(
  to: Destination,
  bytes: AsyncIterable<Buffer>,
  buffer: Buffer,
  parts: PartsUpload,
): Promise<StoredObject> {
  const { copies, names, key, write, beforeSeen } = to;
  const digest = createHash('sha256');
  let [size, filled, inParts] = [0, 0, false];
  for await (const chunk of bytes) {
    digest.update(chunk);
    size += chunk.length;
    for (let from = 0; from < chunk.length; ) {
      if (filled === buffer.length) {
        if (!inParts) {
          await parts.open(names, (copy) => copies[copy].open(key, write));
          inParts = true;
        }
        filled = (await parts.writeFullParts(buffer)).copy(buffer);
      }
      const copied = chunk.copy(buffer, filled, from);
      from += copied;
      filled += copied;
    }
  }
  const sha256 = digest.digest('hex');
  const last = buffer.subarray(0, filled);
  if (!inParts) {
    return putWhole(to, last, sha256);
  }
  await parts.writeLast(last);
  await beforeSeen?.({ key, size, sha256 });
  return { key, size, sha256, versions: versionsOf(await parts.finish()) };
}

async function putWhole(to: Destination, bytes: Buffer, sha256: string): Promise<StoredObject> {
  const { copies, names, key, write, beforeSeen } = to;
  const object = { key, size: bytes.length, sha256 };
  await beforeSeen?.(object);
  const answers = await answering(names, (copy) =>
    copies[copy].put(key, bytes, { ...write, sha256 }),
  );
  return { ...object, versions: versionsOf(answers) };
}
