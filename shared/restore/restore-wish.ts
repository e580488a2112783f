import type { CopyName } from '../domain/copy-name.ts';
import type { Target } from '../ports/target.ts';

/** What is to be restored, from where and to where. */
export interface RestoreWish {
  /** As `selectPaths` takes them. */
  readonly patterns: readonly string[];
  readonly from: CopyName | 'any';
  readonly target: Target;
  /** Whether files that exist in the target may be replaced. */
  readonly overwrite: boolean;
  /** Told after each record, with the totals so far. */
  readonly onProgress?: (done: Restored) => void;
}

/** Records and their plaintext bytes. */
export interface Restored {
  readonly records: number;
  readonly bytes: number;
}
