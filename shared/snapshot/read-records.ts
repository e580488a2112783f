import type { StoredObject } from '../domain/records.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import { readManifest } from '../format/manifest-reader.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import { openStored, type SnapshotAccess } from './snapshot-access.ts';

/** Which manifest to read. */
export interface ManifestLocation {
  readonly vaultId: string;
  readonly snapshotId: string;
  readonly manifest: StoredObject;
}

/**
 * Reads the records of a snapshot in UTF-8 order of their paths, in constant memory. When one copy
 * fails in the middle, the other one continues where it stopped.
 *
 * @throws HoldfastError as `openStored` does: that of the last copy tried.
 */
export async function* readRecords(
  access: SnapshotAccess,
  { vaultId, snapshotId, manifest }: ManifestLocation,
): AsyncGenerator<ManifestRecord> {
  const identity = { vaultId, snapshotId, object: 'manifest/0' } as const;
  const order = access.choice.order();
  let lastPath: string | undefined;
  for (const copy of order) {
    try {
      const plaintext = openStored(access, copy, manifest, identity);
      for await (const record of readManifest(plaintext, { copy, object: manifest.key })) {
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
