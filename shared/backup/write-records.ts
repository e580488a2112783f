import type { SnapshotCounts, StoredObject } from '../domain/records.ts';
import type { SkipReason } from '../domain/skip-reason.ts';
import { entryName } from '../format/entry-name.ts';
import type { ManifestLine, ManifestRecord, SkippedRecord } from '../format/manifest-record.ts';
import type { PackEntry } from '../format/pack-writer.ts';
import type { Source, SourceContent, SourceEntry } from '../ports/source.ts';
import { exactBody } from './exact-body.ts';
import type { Packed, PackSeries } from './pack-series.ts';
import type { Item } from './read-ahead.ts';
import { RecordTally } from './record-tally.ts';

/** What `writeRecords` has written. */
export interface WrittenRecords {
  /** The manifest's parts in order. */
  readonly manifests: readonly StoredObject[];
  /** Plaintext bytes of the records in each pack they name, by its id. */
  readonly liveBytes: ReadonlyMap<string, number>;
  readonly counts: Omit<SnapshotCounts, 'packs' | 'packBytes'>;
}

/** Takes the lines of a manifest; a `ManifestWriter`, or several one after the other. */
export interface ManifestSink {
  /**
   * @param wasRead - `false`: the record was carried forward.
   * @returns when the next line may come; `undefined` when at once.
   */
  write(line: ManifestLine, wasRead: boolean): Promise<void> | undefined;
  /** @returns its parts, or its only one. */
  finish(): Promise<StoredObject | readonly StoredObject[]>;
  abandon(): Promise<void>;
}

/**
 * Puts new records into packs and all records into the manifest, in their order.
 *
 * @param mustStop - asked after each record: `true` ends it there, with all that it has written
 * closed. One record always passes: a turn that is short from its start gets on all the same.
 * @default it goes on to the end
 * @throws what the source, the copies, the keys and the ledger throw; packs and manifest are given
 * up then.
 */
export async function writeRecords(
  source: Source,
  vaultId: string,
  items: AsyncIterable<readonly Item[]>,
  packs: PackSeries,
  manifest: ManifestSink,
  mustStop: () => boolean = () => false,
): Promise<WrittenRecords> {
  const tally = new RecordTally();
  try {
    walk: for await (const batch of items) {
      for (const item of batch) {
        const line = lineOf(source, vaultId, item, packs);
        const written = line instanceof Promise ? await line : line;
        const wasRead = item.kind !== 'carried' && !isBefore(item, written);
        const waiting = manifest.write(written, wasRead);
        if (waiting !== undefined) {
          await waiting;
        }
        tally.add(written, wasRead);
        if (mustStop()) {
          break walk;
        }
      }
    }
    await packs.finish();
    const manifests = [await manifest.finish()].flat();
    return { manifests, liveBytes: tally.liveBytes, counts: tally.counts };
  } catch (error) {
    await Promise.all([packs.abandon(), manifest.abandon()]);
    throw error;
  }
}

type StreamItem = Extract<Item, { kind: 'stream' }>;

/** @returns whether a record was to be packed anew and is carried forward nevertheless. */
function isBefore(item: Item, written: ManifestLine): boolean {
  return item.kind === 'stream' && item.before === written;
}

/** Packs what is to be packed. @returns a promise only when there is something to wait for. */
function lineOf(
  source: Source,
  vaultId: string,
  item: Item,
  packs: PackSeries,
): ManifestLine | Promise<ManifestLine> {
  switch (item.kind) {
    case 'carried':
      return item.record;
    case 'skipped':
      return toSkipped(item.entry, item.reason);
    case 'stream':
      return packStream(source, vaultId, item, packs);
    case 'bytes': {
      const { entry, content } = item;
      const packEntry = packEntryOf(entry);
      const packed = packs.addBytes(packEntry, content.bytes);
      return packed instanceof Promise
        ? packed.then((done) => toRecord(entry, content, done, packEntry.name))
        : toRecord(entry, content, packed, packEntry.name);
    }
  }
}

async function packStream(
  source: Source,
  vaultId: string,
  { entry: listed, before }: StreamItem,
  packs: PackSeries,
): Promise<ManifestLine> {
  const content = await source.read(listed);
  if (content === undefined || 'skipped' in content) {
    return before ?? toSkipped(listed, content?.skipped ?? 'changed');
  }
  const entry = content.listed ?? listed;
  const packEntry = packEntryOf(entry);
  const body = exactBody(content.body, entry.size, vaultId);
  const packed = await packs.addStream(packEntry, body);
  // What changed while it was read lies in the pack now, where nothing names it.
  const isWhole = content.isWhole?.() ?? true;
  return isWhole
    ? toRecord(entry, content, packed, packEntry.name)
    : (before ?? toSkipped(entry, 'changed'));
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
