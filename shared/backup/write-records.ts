import type { SnapshotCounts, StoredObject } from '../domain/records.ts';
import { entryName } from '../format/entry-name.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import type { ManifestWriter } from '../format/manifest-writer.ts';
import type { Source, SourceContent, SourceEntry } from '../ports/source.ts';
import { exactBody } from './exact-body.ts';
import type { Packed, PackSeries } from './pack-series.ts';
import type { Item } from './read-ahead.ts';

/** What `writeRecords` has written. */
export interface WrittenRecords {
  readonly manifest: StoredObject;
  /** Ids of the packs the manifest names. */
  readonly packIds: ReadonlySet<string>;
  readonly counts: Omit<SnapshotCounts, 'packs' | 'packBytes'>;
}

/**
 * Puts new records into packs and all records into the manifest, in their order.
 *
 * @throws what the source, the copies, the keys and the ledger throw; packs and manifest are given
 * up then.
 */
export async function writeRecords(
  source: Source,
  vaultId: string,
  items: AsyncIterable<Item>,
  packs: PackSeries,
  manifest: ManifestWriter<StoredObject>,
): Promise<WrittenRecords> {
  const counts = { records: 0, bytes: 0, readRecords: 0, readBytes: 0, skipped: 0 };
  const packIds = new Set<string>();
  try {
    for await (const item of items) {
      const record =
        item.kind === 'carried' ? item.record : await pack(source, vaultId, item, packs);
      if (record === undefined) {
        counts.skipped += 1;
        continue;
      }
      await manifest.write(record);
      packIds.add(record.pack);
      counts.records += 1;
      counts.bytes += record.size;
      counts.readRecords += item.kind === 'carried' ? 0 : 1;
      counts.readBytes += item.kind === 'carried' ? 0 : record.size;
    }
    await packs.finish();
    return { manifest: await manifest.finish(), packIds, counts };
  } catch (error) {
    await Promise.all([packs.abandon(), manifest.abandon()]);
    throw error;
  }
}

/** @returns `undefined` for a record that is left to the next run. */
async function pack(
  source: Source,
  vaultId: string,
  item: Exclude<Item, { kind: 'carried' }>,
  packs: PackSeries,
): Promise<ManifestRecord | undefined> {
  if (item.kind === 'skipped') {
    return undefined;
  }
  const { entry } = item;
  const packEntry = {
    name: entryName(entry.path),
    size: entry.size,
    modified: new Date(entry.modified),
  };
  if (item.kind === 'bytes') {
    const { content } = item;
    return toRecord(entry, content, await packs.addBytes(packEntry, content.bytes), packEntry.name);
  }
  const content = await source.read(entry);
  if (content === undefined) {
    return undefined;
  }
  const body = exactBody(content.body, entry.size, vaultId);
  return toRecord(entry, content, await packs.addStream(packEntry, body), packEntry.name);
}

/** format.md 4.3 */
function toRecord(
  { path, size, modified, etag }: SourceEntry,
  { contentType, metadata, tags }: Omit<SourceContent, 'body'>,
  { pack, sha256 }: Packed,
  name: string,
): ManifestRecord {
  const line = { path, size, sha256, modified, etag, contentType, metadata, tags, pack };
  return name === path ? line : { ...line, entry: name };
}
