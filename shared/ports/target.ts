import type { VerifiedRecord } from '../format/verified-record.ts';

/**
 * Where restored records go: an S3 prefix or a local folder.
 *
 * Throws HoldfastError `TARGET_UNWRITABLE`.
 */
export interface Target {
  /**
   * How many of these paths exist already, and how many could not be written there at all. Asked
   * before anything is written.
   * @param batches - of paths, all of them in ascending UTF-8 byte order, each once.
   */
  examine(batches: AsyncIterable<readonly string[]>): Promise<{ existing: number; unsafe: number }>;

  /**
   * Writes one record. It appears at its final name only after its content has ended without error,
   * and so is verified. If it fails, nothing appears, nothing is left behind, and its error is
   * thrown on.
   *
   * @param overwrite - `false`: a file that appeared meanwhile is kept, and `TARGET_EXISTS` thrown.
   */
  write(verified: VerifiedRecord, overwrite: boolean): Promise<void>;
}
