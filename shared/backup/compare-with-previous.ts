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
 */
export async function* compareWithPrevious(
  entries: AsyncIterable<SourceEntry>,
  previous: AsyncIterable<ManifestRecord>,
): AsyncGenerator<Step> {
  const records = previous[Symbol.asyncIterator]();
  try {
    let record = await records.next();
    for await (const entry of entries) {
      while (record.done !== true && compareUtf8(record.value.path, entry.path) < 0) {
        record = await records.next();
      }
      if (record.done !== true && isUnchanged(entry, record.value)) {
        yield { kind: 'carried', record: record.value };
      } else {
        yield { kind: 'changed', entry };
      }
    }
  } finally {
    await records.return?.();
  }
}

function isUnchanged(entry: SourceEntry, record: ManifestRecord): boolean {
  return entry.path === record.path && entry.size === record.size && entry.etag === record.etag;
}
