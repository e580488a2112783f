/**
 * Why a record that the source has is not in a snapshot:
 * - `changed`: it changed again and again while it was read
 * - `vanished`: it was gone when its turn came
 * - `archived`: it lies in an archive that its owner must bring it back from first
 * - `denied`: it may not be read
 * - `special`: it is a socket, a pipe or a device of a folder
 * - `name`: its name, or a link's target, is not valid UTF-8
 * - `failed`: the disk reports an error
 */
export type SkipReason =
  | 'changed'
  | 'vanished'
  | 'archived'
  | 'denied'
  | 'special'
  | 'name'
  | 'failed';

/** How many records were skipped for each reason; none is not listed. */
export type SkipCounts = Readonly<Record<string, number>>;

/** @returns the counts with one more, or so many more. */
export function withSkip(counts: SkipCounts, reason: string, more = 1): SkipCounts {
  return { ...counts, [reason]: (counts[reason] ?? 0) + more };
}
