/** Longest file name of common file systems (ext4, XFS, NTFS, APFS), in bytes of UTF-8. */
const MAX_SEGMENT_BYTES = 255;

/** A letter and a colon, which Windows takes for a drive wherever it stands. */
const DRIVE = /^[A-Za-z]:/;

/** Characters that Windows does not allow in a name; the colon opens a second stream of a file. */
const WINDOWS_FORBIDDEN = /[<>:"|?*\\\p{Cc}]/u;

/** Names that Windows takes for devices, with any extension. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * Splits a record's path into names below a folder.
 *
 * A path that ends in one `/` names a folder, as storage consoles make them; `isFolder` says so.
 *
 * @returns `undefined` when the path would leave the folder or cannot be a file of that name there:
 * absolute, with a drive letter, with `.`, `..` or empty names in it, with a NUL, too long, or, on
 * Windows, with what that reserves.
 */
export function safePath(
  path: string,
  platform: NodeJS.Platform,
): { names: string[]; isFolder: boolean } | undefined {
  const isFolder = path.endsWith('/');
  const names = (isFolder ? path.slice(0, -1) : path).split('/');
  const isSafe =
    path.isWellFormed() && !DRIVE.test(path) && names.every((name) => isSafeName(name, platform));
  return isSafe ? { names, isFolder } : undefined;
}

function isSafeName(name: string, platform: NodeJS.Platform): boolean {
  const isPossible =
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !name.includes('\0') &&
    Buffer.byteLength(name) <= MAX_SEGMENT_BYTES;
  if (platform !== 'win32' || !isPossible) {
    return isPossible;
  }
  const isReserved = WINDOWS_DEVICE.test(name) || name.endsWith('.') || name.endsWith(' ');
  return !isReserved && !WINDOWS_FORBIDDEN.test(name);
}
