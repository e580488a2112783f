import { createHash } from 'node:crypto';

/** Folder inside a pack for records whose path is no safe file name, format.md 3.3. */
const ESCAPED_FOLDER = 'holdfast-escaped/';

/** Longest file name of common file systems (ext4, XFS, NTFS, APFS), in bytes of UTF-8. */
const MAX_SEGMENT_BYTES = 255;

/** So many UTF-16 units never have more bytes than that: no unit has more than three. */
const CERTAIN_LENGTH = MAX_SEGMENT_BYTES / 3;

/**
 * @returns the name of a record's tar entry: its path when every tool can unpack that as a file
 * below the current folder (format.md 3.2), else a name made from the path's SHA-256
 * (format.md 3.3).
 */
export function entryName(path: string): string {
  if (isSafeName(path)) {
    return path;
  }
  return ESCAPED_FOLDER + createHash('sha256').update(path).digest('hex');
}

function isSafeName(path: string): boolean {
  return (
    path.isWellFormed() &&
    !path.includes('\0') &&
    !path.startsWith(ESCAPED_FOLDER) &&
    path.split('/').every(isSafeSegment)
  );
}

function isSafeSegment(segment: string): boolean {
  return (
    segment !== '' &&
    segment !== '.' &&
    segment !== '..' &&
    (segment.length <= CERTAIN_LENGTH || Buffer.byteLength(segment) <= MAX_SEGMENT_BYTES)
  );
}
