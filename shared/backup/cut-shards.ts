import type { StoredObject } from '../domain/records.ts';
import type { Source } from '../ports/source.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import type { SnapshotAccess } from '../snapshot/snapshot-access.ts';
import { firstPath, partWith, type SealedSnapshot } from './previous-records.ts';

/** How large shards are to be, and how much may be done to cut them. */
export interface ShardLimits {
  /** Records of a shard, about: what one function reads in about 13 minutes. */
  readonly records: number;
  /** Plaintext bytes of a shard, about; only a listing knows them. */
  readonly bytes: number;
  /** Most shards at once. */
  readonly shards: number;
  /** Asked after each page of a listing: `true` leaves what is behind it to the last shard. */
  readonly mustStop: () => boolean;
}

/** Manifest parts that are opened at once. */
const AT_ONCE = 16;

/**
 * Cuts what is behind a path where parts of the previous manifest begin: their sizes tell how many
 * records there are about. Only the beginnings of a few are read, and nothing of the source.
 *
 * @returns the last paths of all shards but the last, ascending; none: there is too little to cut.
 * @throws HoldfastError as `readSeal` and `openStored` do.
 */
export async function cutByManifest(
  access: SnapshotAccess,
  previous: SealedSnapshot | null,
  after: string | null,
  limits: ShardLimits,
): Promise<string[]> {
  if (previous === null) {
    return [];
  }
  const { vaultId, snapshotId, counts } = previous;
  const { manifests } = await readSeal(access, previous);
  const location = { vaultId, snapshotId, manifests };
  const start = after === null ? 0 : await partWith(access, location, after);
  const lines = counts.records + counts.skipped;
  const cuts = partsToCut(manifests, start, lines, limits);
  const paths: string[] = [];
  for (let from = 0; from < cuts.length; from += AT_ONCE) {
    const some = cuts.slice(from, from + AT_ONCE);
    const found = await Promise.all(some.map((part) => firstPath(access, location, part)));
    paths.push(...found.filter((path) => path !== undefined));
  }
  return paths;
}

/** @returns the parts in front of which a cut is due; all are behind the one at `start`. */
function partsToCut(
  manifests: readonly StoredObject[],
  start: number,
  lines: number,
  { records, shards }: ShardLimits,
): StoredObject[] {
  const bytes = manifests.reduce((sum, { size }) => sum + size, 0);
  const wanted = Math.max(records, Math.ceil(lines / (shards - 1)));
  const bytesPerShard = (bytes * wanted) / Math.max(lines, 1);
  const cuts: StoredObject[] = [];
  let since = 0;
  for (const part of manifests.slice(start)) {
    if (since >= bytesPerShard) {
      cuts.push(part);
      since = 0;
    }
    since += part.size;
  }
  return cuts;
}

/**
 * Cuts what is behind a path by listing it.
 *
 * @returns the last paths of all shards but the last, ascending; none: it is one shard's work.
 * @throws HoldfastError `SOURCE_UNAVAILABLE`, `SOURCE_DENIED`, `SOURCE_MISSING`.
 */
export async function cutByListing(
  source: Source,
  after: string | null,
  limits: ShardLimits,
): Promise<string[]> {
  const cuts: string[] = [];
  let [records, bytes, last] = [0, 0, ''];
  for await (const batch of source.list({ after, upTo: null })) {
    for (const { path, size } of batch) {
      const isFull = records >= limits.records || bytes + size > limits.bytes;
      if (isFull && records > 0) {
        cuts.push(last);
        [records, bytes] = [0, 0];
      }
      records += 1;
      bytes += size;
      last = path;
    }
    if (cuts.length >= limits.shards - 1 || limits.mustStop()) {
      return cuts.slice(0, limits.shards - 1);
    }
  }
  return cuts;
}
