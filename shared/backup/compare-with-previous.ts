import { BatchCursor } from '../domain/batch-cursor.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import type { SourceEntry } from '../ports/source.ts';

/** What is to be done about one record of the source. */
export type Step =
  /** It did not change: the previous snapshot's line is carried forward and the record not read. */
  | { readonly kind: 'carried'; readonly record: ManifestRecord }
  /** It is new or changed, and has to be read. */
  | { readonly kind: 'changed'; readonly entry: SourceEntry };

/**
 * Merges the source's listing with the previous snapshot's records, both in UTF-8 order of their
 * paths, in constant memory. A record is unchanged when its size and ETag are. Records the source
 * no longer has are left out.
 *
 * @returns a batch of steps for each batch of entries.
 */
export async function* compareWithPrevious(
  entries: AsyncIterable<readonly SourceEntry[]>,
  previous: AsyncIterable<readonly ManifestRecord[]>,
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
        steps.push(
          record !== undefined && isUnchanged(entry, record)
            ? { kind: 'carried', record }
            : { kind: 'changed', entry },
        );
      }
      yield steps;
    }
  } finally {
    await records.close();
  }
}

function isUnchanged(entry: SourceEntry, record: ManifestRecord): boolean {
  return entry.path === record.path && entry.size === record.size && entry.etag === record.etag;
}
