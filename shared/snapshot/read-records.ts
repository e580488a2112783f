import type { StoredObject } from '../domain/records.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import { readManifestLines } from '../format/manifest-reader.ts';
import { isRecord, type ManifestLine, type ManifestRecord } from '../format/manifest-record.ts';
import type { MessageIdentity } from '../format/message.ts';
import { manifestPart } from '../format/object-keys.ts';
import { openStored, type SnapshotAccess } from './snapshot-access.ts';

/** Whose manifest to read. */
export interface ManifestLocation {
  readonly vaultId: string;
  readonly snapshotId: string;
  /** Its parts in order. */
  readonly manifests: readonly StoredObject[];
}

/**
 * Reads the records of a snapshot in UTF-8 order of their paths, in constant memory. When one copy
 * fails in the middle, the other one continues where it stopped.
 *
 * @throws HoldfastError as `openStored` does: that of the last copy tried.
 */
export async function* readRecords(
  access: SnapshotAccess,
  location: ManifestLocation,
): AsyncGenerator<ManifestRecord> {
  for await (const line of readLines(access, location)) {
    if (isRecord(line)) {
      yield line;
    }
  }
}

/** Reads all lines, those of skipped records too. @throws HoldfastError as `readRecords` does. */
export async function* readLines(
  access: SnapshotAccess,
  { vaultId, snapshotId, manifests }: ManifestLocation,
): AsyncGenerator<ManifestLine> {
  let lastPath: string | undefined;
  for (const manifest of manifests) {
    const object = `manifest/${manifestPart(manifest.key)}` as const;
    const identity = { vaultId, snapshotId, object };
    for await (const record of readPart(access, identity, manifest, lastPath)) {
      lastPath = record.path;
      yield record;
    }
  }
}

/** @param after - last path of the part before: no record may be in front of it (format.md 4.6). */
async function* readPart(
  access: SnapshotAccess,
  identity: MessageIdentity,
  manifest: StoredObject,
  after: string | undefined,
): AsyncGenerator<ManifestLine> {
  const order = access.choice.order();
  let lastPath = after;
  for (const copy of order) {
    try {
      const plaintext = openStored(access, copy, manifest, identity);
      for await (const record of readManifestLines(
        plaintext,
        { copy, object: manifest.key },
        after,
      )) {
        if (lastPath === undefined || compareUtf8(record.path, lastPath) > 0) {
          lastPath = record.path;
          yield record;
        }
      }
      return;
    } catch (error) {
      access.choice.passOver(copy, order, error);
    }
  }
}
