import type { Snapshot, StoredObject } from '../domain/records.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import { type ManifestLocation, readLines, readRecords } from '../snapshot/read-records.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import type { SnapshotAccess } from '../snapshot/snapshot-access.ts';

/** A snapshot that was committed. */
export type SealedSnapshot = Pick<Snapshot, 'vaultId' | 'snapshotId' | 'seal' | 'counts'>;

/**
 * Reads the records of a snapshot behind a path, without the manifest parts before it: which part
 * that path lies in is found by reading the first lines of a few.
 *
 * @param after - `null`: from the beginning.
 * @throws HoldfastError as `readSeal` and `openStored` do.
 */
export async function* previousRecords(
  access: SnapshotAccess,
  previous: SealedSnapshot | null,
  after: string | null,
): AsyncGenerator<readonly ManifestRecord[]> {
  if (previous === null) {
    return;
  }
  const { vaultId, snapshotId } = previous;
  const { manifests } = await readSeal(access, previous);
  const location = { vaultId, snapshotId, manifests };
  if (after === null) {
    yield* readRecords(access, location);
    return;
  }
  const needed = manifests.slice(await partWith(access, location, after));
  for await (const records of readRecords(access, { ...location, manifests: needed })) {
    const [first] = records;
    const isBehind = first === undefined || compareUtf8(first.path, after) > 0;
    yield isBehind ? records : records.filter(({ path }) => compareUtf8(path, after) > 0);
  }
}

/** @returns the index of the part that a path is in or would be in. */
export async function partWith(
  access: SnapshotAccess,
  location: ManifestLocation,
  path: string,
): Promise<number> {
  let [from, end] = [0, location.manifests.length];
  while (end - from > 1) {
    const middle = Math.floor((from + end) / 2);
    const first = await firstPath(access, location, location.manifests[middle] as StoredObject);
    if (first === undefined || compareUtf8(first, path) <= 0) {
      from = middle;
    } else {
      end = middle;
    }
  }
  return from;
}

/** Reads no more of a manifest part than its beginning. @returns `undefined`: it has no line. */
export async function firstPath(
  access: SnapshotAccess,
  location: ManifestLocation,
  part: StoredObject,
): Promise<string | undefined> {
  for await (const [first] of readLines(access, { ...location, manifests: [part] })) {
    if (first !== undefined) {
      return first.path;
    }
  }
  return undefined;
}
