import { closeSync, fchmodSync, futimesSync, openSync, writeSync } from 'node:fs';
import type { ManifestRecord } from '../format/manifest-record.ts';
import { restoredMode } from './file-metadata.ts';
import { timeToSet } from './write-verified.ts';

/**
 * Up to this many bytes a file is written with synchronous calls. An asynchronous one costs 50 µs
 * of CPU and more to hand over to another thread, five of them for each file; a synchronous one a
 * few microseconds, and blocks no longer on a local disk.
 */
export const SMALL_FILE_BYTES = 128 * 1024;

/**
 * Makes a file of verified bytes, with its record's time and permissions. When that fails,
 * what is there of it is left to the caller.
 * @param mode - while it is written, and for good where the record has none.
 * @throws errors of the file system.
 */
export function writeSmallFile(
  place: string,
  bytes: Buffer,
  record: ManifestRecord,
  mode: number,
): void {
  const descriptor = openSync(place, 'wx', mode);
  try {
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(descriptor, bytes, at);
    }
    const kept = restoredMode(record);
    if (kept !== undefined) {
      fchmodSync(descriptor, kept);
    }
    const modified = timeToSet(record);
    futimesSync(descriptor, modified, modified);
  } finally {
    closeSync(descriptor);
  }
}
