import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { HoldfastError } from '../domain/errors.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import { restoredMode } from './file-metadata.ts';
import { inFolder } from './folder-failure.ts';

/** Half a microsecond, in seconds. */
const HALF_MICROSECOND = 0.000_000_5;

/**
 * Writes a record into an open file, gives it the record's time and permissions, and closes it.
 * @throws HoldfastError `TARGET_UNWRITABLE`, also unless the bytes are the record's; what `body`
 * throws.
 */
export async function writeVerified(
  handle: FileHandle,
  record: ManifestRecord,
  body: Readable,
): Promise<void> {
  try {
    await writeAll(handle, body, record);
    const modified = timeToSet(record);
    const mode = restoredMode(record);
    if (mode !== undefined) {
      await inFolder(() => handle.chmod(mode));
    }
    await inFolder(() => handle.utimes(modified, modified));
  } finally {
    await handle.close();
  }
}

/** What bytes are added to: a file, or memory. */
interface Appendable {
  readonly appendFile: (chunk: Buffer) => Promise<void>;
}

/**
 * Reads a record to its end.
 * @param handle - where its bytes go; `null` for nowhere.
 * @throws HoldfastError `TARGET_UNWRITABLE` unless the bytes are the record's; what `body` throws.
 */
export async function writeAll(
  handle: Appendable | null,
  body: Readable,
  record: ManifestRecord,
): Promise<void> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
    if (handle !== null) {
      await inFolder(() => handle.appendFile(chunk));
    }
  }
  if (size !== record.size || hash.digest('hex') !== record.sha256) {
    const reason = 'the bytes received are not those that the manifest names';
    throw new HoldfastError('TARGET_UNWRITABLE', { reason });
  }
}

/**
 * Reads a record into memory.
 * @throws HoldfastError `TARGET_UNWRITABLE` unless the bytes are the record's; what `body` throws.
 */
export async function readVerified(body: Readable, record: ManifestRecord): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await writeAll({ appendFile: async (chunk) => void chunks.push(chunk) }, body, record);
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

/**
 * @returns a record's time of modification as the file system calls take it: seconds, or for a time
 * before 1970, of which they take no number (Node's fs.utimes sets the present then), a date. Most
 * times have no exact number of seconds, and what it has too little is cut off: without half a
 * microsecond more a whole one would be lost.
 */
export function timeToSet({ modified }: ManifestRecord): number | Date {
  const date = new Date(modified);
  if (date.getTime() < 0) {
    return date;
  }
  const micros = /\.\d{3}(\d{3})Z$/.exec(modified)?.[1] ?? '0';
  return date.getTime() / 1000 + Number(micros) / 1_000_000 + HALF_MICROSECOND;
}
