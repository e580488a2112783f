import { longerOf } from './kept-snapshots.ts';
import type { Keeping } from './lock.ts';
import type { Pack } from './records.ts';

/** A snapshot that is kept, and how long. */
export interface KeptSnapshot {
  readonly snapshotId: string;
  readonly keeping: Keeping;
}

/**
 * Answers for many packs how long each is needed. A vault's snapshots each continue from the one
 * before, so a pack is named by all of them from the one whose run wrote it to the last before the
 * one that dropped it. Where a ledger that was rolled back has made them fork, some in between do
 * not name it, and it is kept as if they did. The longest keeping in such a range is looked up in a
 * sparse table: n log n entries for n snapshots, and two of them for any range.
 */
export class KeptRanges {
  readonly #ids: readonly string[];
  /** Row r: the longest keeping of 2^r snapshots from each one on. */
  readonly #rows: (Keeping | null)[][];

  /** @param kept - ascending by id. */
  constructor(kept: readonly KeptSnapshot[]) {
    this.#ids = kept.map(({ snapshotId }) => snapshotId);
    let row: (Keeping | null)[] = kept.map(({ keeping }) => keeping);
    this.#rows = [row];
    for (let width = 1; width * 2 <= kept.length; width *= 2) {
      const before = row;
      row = before.slice(width).map((later, index) => longerOf(before[index] ?? null, later));
      this.#rows.push(row);
    }
  }

  /** @returns how long a pack is needed by kept snapshots; `null` when by none. */
  keepingOf({ snapshotId, droppedBy }: Pick<Pack, 'snapshotId' | 'droppedBy'>): Keeping | null {
    const from = this.#firstAtOrAfter(snapshotId);
    const end = droppedBy === null ? this.#ids.length : this.#firstAtOrAfter(droppedBy);
    if (from >= end) {
      return null;
    }
    const level = Math.floor(Math.log2(end - from));
    const row = this.#rows[level] ?? [];
    return longerOf(row[from] ?? null, row[end - 2 ** level] ?? null);
  }

  /** @returns the earliest kept snapshot that needs a pack; `null` when none does. */
  firstNeeding({ snapshotId, droppedBy }: Pick<Pack, 'snapshotId' | 'droppedBy'>): string | null {
    const first = this.#ids[this.#firstAtOrAfter(snapshotId)];
    return first === undefined || (droppedBy !== null && first >= droppedBy) ? null : first;
  }

  #firstAtOrAfter(id: string): number {
    let [low, high] = [0, this.#ids.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ids[middle] ?? '') < id) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
