import { BatchCursor } from '../domain/batch-cursor.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import type { SourceEntry } from '../ports/source.ts';

const NONE: ReadonlySet<string> = new Set();

/** What is to be done about one record of the source. */
export type Step =
  /** It did not change: the previous snapshot's line is carried forward and the record not read. */
  | { readonly kind: 'carried'; readonly record: ManifestRecord }
  /** It is new or changed, and has to be read. */
  | { readonly kind: 'changed'; readonly entry: SourceEntry }
  /** It did not change, and is read so that its pack is needed no longer. */
  | {
      readonly kind: 'repacked';
      readonly entry: SourceEntry;
      readonly before: ManifestRecord;
    };

/**
 * Merges the source's listing with the previous snapshot's records, both in UTF-8 order of their
 * paths, in constant memory. A record is unchanged when its size and ETag are. Records the source
 * no longer has are left out.
 *
 * @param repack - packs that are to be needed no longer.
 * @returns a batch of steps for each batch of entries.
 */
export async function* compareWithPrevious(
  entries: AsyncIterable<readonly SourceEntry[]>,
  previous: AsyncIterable<readonly ManifestRecord[]>,
  repack: ReadonlySet<string> = NONE,
): AsyncGenerator<readonly Step[]> {
  const records = new BatchCursor(previous);
  try {
    for await (const batch of entries) {
      const steps: Step[] = [];
      for (const entry of batch) {
        let record = records.item ?? (await records.fetch());
        while (record !== undefined && compareUtf8(record.path, entry.path) < 0) {
          records.advance();
          record = records.item ?? (await records.fetch());
        }
        steps.push(stepFor(entry, record, repack));
      }
      yield steps;
    }
  } finally {
    await records.close();
  }
}

function stepFor(
  entry: SourceEntry,
  record: ManifestRecord | undefined,
  repack: ReadonlySet<string>,
): Step {
  if (record === undefined || !isUnchanged(entry, record)) {
    return { kind: 'changed', entry };
  }
  return repack.has(record.pack)
    ? { kind: 'repacked', entry, before: record }
    : { kind: 'carried', record };
}

function isUnchanged(entry: SourceEntry, record: ManifestRecord): boolean {
  return entry.path === record.path && entry.size === record.size && entry.etag === record.etag;
}
