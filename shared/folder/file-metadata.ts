import type { BigIntStats } from 'node:fs';
import type { ManifestRecord } from '../format/manifest-record.ts';

/**
 * What a manifest line's `metadata` says of a record from a folder (format.md 4.8). A name with a
 * colon cannot come from S3, where such a name would be a header's: an object in a source bucket
 * can never pass for a link.
 */
const FILE_METADATA = {
  /** Permissions in octal with the three special bits, such as `0644`; links have none. */
  mode: 'file:mode',
  /** `symlink`, whose content is its target. Files and folders have none. */
  type: 'file:type',
  /** The same for all hard links to one file of one snapshot; only where there are several. */
  links: 'file:links',
} as const;

const PERMISSIONS = 0o7777n;

/** No set-user-id and set-group-id: nothing restored gives others the rights of its new owner. */
const RESTORED_FILE_BITS = 0o777;

/** On a folder these bits only say who owns what is made in it, and who may delete it. */
const RESTORED_FOLDER_BITS = 0o3777;

/** @returns what is kept of a file, link or folder beside its content and its time. */
export function fileMetadata(stats: BigIntStats): Readonly<Record<string, string>> {
  if (stats.isSymbolicLink()) {
    return { [FILE_METADATA.type]: 'symlink' };
  }
  const mode = (stats.mode & PERMISSIONS).toString(8).padStart(4, '0');
  const kept = { [FILE_METADATA.mode]: mode };
  const isShared = stats.isFile() && stats.nlink > 1n;
  return isShared ? { ...kept, [FILE_METADATA.links]: `${stats.dev}-${stats.ino}` } : kept;
}

/** @returns the permissions to restore, `undefined` when the record has none. */
export function restoredMode({ path, metadata }: ManifestRecord): number | undefined {
  const mode = metadata[FILE_METADATA.mode];
  if (mode === undefined || !/^[0-7]{4}$/.test(mode)) {
    return undefined;
  }
  const bits = path.endsWith('/') ? RESTORED_FOLDER_BITS : RESTORED_FILE_BITS;
  return Number.parseInt(mode, 8) & bits;
}

/** @returns whether a record is a symbolic link. */
export function isSymbolicLink({ metadata }: ManifestRecord): boolean {
  return metadata[FILE_METADATA.type] === 'symlink';
}

/** @returns what a record has in common with those that are to be one file with it. */
export function linkGroup({ metadata, sha256 }: ManifestRecord): string | undefined {
  const links = metadata[FILE_METADATA.links];
  // One of them may have been read before it changed: only the same content is shared.
  return links === undefined ? undefined : `${links} ${sha256}`;
}
