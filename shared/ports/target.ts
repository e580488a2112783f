import type { Readable } from 'node:stream';
import type { ManifestRecord } from '../format/manifest-record.ts';

/**
 * Where restored records go: an S3 prefix or a local folder.
 *
 * Throws HoldfastError `TARGET_UNWRITABLE`.
 */
export interface Target {
  /**
   * How many of these paths exist already, and how many could not be written there at all. Asked
   * before anything is written.
   * @param paths - in ascending UTF-8 byte order, each once.
   */
  examine(paths: AsyncIterable<string>): Promise<{ existing: number; unsafe: number }>;

  /**
   * Writes one record. It appears at its final name only after `body` has ended without error and
   * its bytes had the size and the SHA-256 that the manifest names. If `body` fails, nothing
   * appears, nothing is left behind, and its error is thrown on.
   *
   * @param overwrite - `false`: a file that appeared meanwhile is kept, and `TARGET_EXISTS` thrown.
   */
  write(record: ManifestRecord, body: Readable, overwrite: boolean): Promise<void>;
}
