import type { SnapshotCounts, StoredObject } from '../domain/records.ts';
import { type SkipCounts, type SkipReason, withSkip } from '../domain/skip-reason.ts';
import { entryName } from '../format/entry-name.ts';
import {
  isRecord,
  type ManifestLine,
  type ManifestRecord,
  type SkippedRecord,
} from '../format/manifest-record.ts';
import type { PackEntry } from '../format/pack-writer.ts';
import type { Source, SourceContent, SourceEntry } from '../ports/source.ts';
import { exactBody } from './exact-body.ts';
import type { Packed, PackSeries } from './pack-series.ts';
import type { Item } from './read-ahead.ts';

/** What `writeRecords` has written. */
export interface WrittenRecords {
  /** The manifest's parts in order. */
  readonly manifests: readonly StoredObject[];
  /** Ids of the packs they name. */
  readonly packIds: ReadonlySet<string>;
  readonly counts: Omit<SnapshotCounts, 'packs' | 'packBytes'>;
}

/** Takes the lines of a manifest; a `ManifestWriter`, or several one after the other. */
export interface ManifestSink {
  write(line: ManifestLine): Promise<void>;
  /** @returns its parts, or its only one. */
  finish(): Promise<StoredObject | readonly StoredObject[]>;
  abandon(): Promise<void>;
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
  manifest: ManifestSink,
): Promise<WrittenRecords> {
  const counts = { records: 0, bytes: 0, readRecords: 0, readBytes: 0, skipped: 0 };
  let skippedBy: SkipCounts = {};
  const packIds = new Set<string>();
  try {
    for await (const item of items) {
      const record =
        item.kind === 'carried' ? item.record : await pack(source, vaultId, item, packs);
      await manifest.write(record);
      if (!isRecord(record)) {
        counts.skipped += 1;
        skippedBy = withSkip(skippedBy, record.skipped);
        continue;
      }
      packIds.add(record.pack);
      counts.records += 1;
      counts.bytes += record.size;
      counts.readRecords += item.kind === 'carried' ? 0 : 1;
      counts.readBytes += item.kind === 'carried' ? 0 : record.size;
    }
    await packs.finish();
    const manifests = [await manifest.finish()].flat();
    return { manifests, packIds, counts: { ...counts, skippedBy } };
  } catch (error) {
    await Promise.all([packs.abandon(), manifest.abandon()]);
    throw error;
  }
}

async function pack(
  source: Source,
  vaultId: string,
  item: Exclude<Item, { kind: 'carried' }>,
  packs: PackSeries,
): Promise<ManifestLine> {
  if (item.kind === 'skipped') {
    return toSkipped(item.entry, item.reason);
  }
  if (item.kind === 'bytes') {
    const { entry, content } = item;
    const packEntry = packEntryOf(entry);
    return toRecord(entry, content, await packs.addBytes(packEntry, content.bytes), packEntry.name);
  }
  const content = await source.read(item.entry);
  if (content === undefined || 'skipped' in content) {
    return toSkipped(item.entry, content?.skipped ?? 'changed');
  }
  const entry = content.listed ?? item.entry;
  const packEntry = packEntryOf(entry);
  const body = exactBody(content.body, entry.size, vaultId);
  const packed = await packs.addStream(packEntry, body);
  // What changed while it was read lies in the pack now, where nothing names it.
  const isWhole = content.isWhole?.() ?? true;
  return isWhole ? toRecord(entry, content, packed, packEntry.name) : toSkipped(entry, 'changed');
}

function packEntryOf({ path, size, modified }: SourceEntry): PackEntry {
  return { name: entryName(path), size, modified: new Date(modified) };
}

/** format.md 4.7 */
function toSkipped(
  { path, size, modified, etag }: SourceEntry,
  skipped: SkipReason,
): SkippedRecord {
  return { path, size, modified, etag, skipped };
}

/** format.md 4.3 */
function toRecord(
  { path, size, modified, etag }: SourceEntry,
  { contentType, metadata, tags }: Pick<SourceContent, 'contentType' | 'metadata' | 'tags'>,
  { pack, sha256 }: Packed,
  name: string,
): ManifestRecord {
  const line = { path, size, sha256, modified, etag, contentType, metadata, tags, pack };
  return name === path ? line : { ...line, entry: name };
}
