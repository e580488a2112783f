import type { FileHandle } from 'node:fs/promises';
import type { ManifestRecord } from '../format/manifest-record.ts';
import type { VerifiedRecord } from '../format/verified-record.ts';
import { restoredMode } from './file-metadata.ts';
import { inFolder } from './folder-failure.ts';

/** Half a microsecond, in seconds. */
const HALF_MICROSECOND = 0.000_000_5;

/**
 * Writes a record into an open file, gives it the record's time and permissions, and closes it.
 * @throws HoldfastError `TARGET_UNWRITABLE`, and what the record's content throws.
 */
export async function writeVerified(handle: FileHandle, verified: VerifiedRecord): Promise<void> {
  try {
    for await (const piece of verified.pieces()) {
      await inFolder(() => writeAll(handle, piece));
    }
    const { record } = verified;
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

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await handle.write(bytes, at)).bytesWritten;
  }
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
