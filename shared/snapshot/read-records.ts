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
 * Reads the records of a snapshot in UTF-8 order of their paths, in batches and constant memory.
 * When one copy fails in the middle, the other one continues where it stopped.
 *
 * @throws HoldfastError as `openStored` does: that of the last copy tried.
 */
export async function* readRecords(
  access: SnapshotAccess,
  location: ManifestLocation,
): AsyncGenerator<readonly ManifestRecord[]> {
  for await (const lines of readLines(access, location)) {
    yield lines.filter(isRecord);
  }
}

/** Reads all lines, those of skipped records too. @throws HoldfastError as `readRecords` does. */
export async function* readLines(
  access: SnapshotAccess,
  { vaultId, snapshotId, manifests }: ManifestLocation,
): AsyncGenerator<readonly ManifestLine[]> {
  let lastPath: string | undefined;
  for (const manifest of manifests) {
    const object = `manifest/${manifestPart(manifest.key)}` as const;
    const identity = { vaultId, snapshotId, object };
    for await (const lines of readPart(access, identity, manifest, lastPath)) {
      lastPath = lines.at(-1)?.path ?? lastPath;
      yield lines;
    }
  }
}

/** @param after - last path of the part before: no record may be in front of it (format.md 4.6). */
async function* readPart(
  access: SnapshotAccess,
  identity: MessageIdentity,
  manifest: StoredObject,
  after: string | undefined,
): AsyncGenerator<readonly ManifestLine[]> {
  const order = access.choice.order();
  let lastPath = after;
  for (const copy of order) {
    try {
      const plaintext = openStored(access, copy, manifest, identity);
      const origin = { copy, object: manifest.key };
      for await (const lines of readManifestLines(plaintext, origin, after)) {
        const unread = linesBehind(lines, lastPath);
        lastPath = unread.at(-1)?.path ?? lastPath;
        yield unread;
      }
      return;
    } catch (error) {
      access.choice.passOver(copy, order, error);
    }
  }
}

/** What the first copy has given before it failed is not given again. */
function linesBehind(lines: readonly ManifestLine[], lastPath: string | undefined) {
  const [first] = lines;
  return lastPath === undefined || first === undefined || compareUtf8(first.path, lastPath) > 0
    ? lines
    : lines.filter(({ path }) => compareUtf8(path, lastPath) > 0);
}
