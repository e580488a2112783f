import { uploadToOne } from '../backup/dual-upload.ts';
import { type CopyName, inBothCopies, otherCopy, type PerCopy } from '../domain/copy-name.ts';
import type { StoredObject } from '../domain/records.ts';
import { verifiedBytes } from '../format/verified-bytes.ts';
import type { Copy, CopyWrite } from '../ports/copy.ts';
import { findVersion, versionIn } from '../snapshot/find-version.ts';

/** An object that is known to lie in both copies. */
export type WholeObject<Stored extends StoredObject> = Stored & {
  readonly versions: PerCopy<string>;
};

/**
 * Sees to it that an object lies in both copies and is locked there for long enough. A copy that
 * has got it since (a lost answer, an earlier repair) is not written to again.
 *
 * @returns the object with its version in each copy.
 * @throws HoldfastError `OBJECT_MISSING`, `OBJECT_DAMAGED` when what was written is not there any
 * more; `COPY_UNAVAILABLE`, `COPY_DENIED`.
 */
export async function repairObject<Stored extends StoredObject>(
  copies: PerCopy<Copy>,
  stored: Stored,
  write: CopyWrite,
): Promise<WholeObject<Stored>> {
  const versions = await inBothCopies((copy) => repairIn(copies, copy, stored, write));
  return { ...stored, versions };
}

async function repairIn(
  copies: PerCopy<Copy>,
  name: CopyName,
  stored: StoredObject,
  write: CopyWrite,
): Promise<string> {
  const copy = copies[name];
  const present = stored.versions[name] ?? (await findVersion(copy, stored));
  if (present === undefined) {
    return copyTo(copies, name, stored, write);
  }
  await copy.extendLock(stored.key, present, write.lockedUntil);
  return present;
}

/**
 * Copies the ciphertext from the other copy. It can be seen only once its size and SHA-256 are
 * those recorded when it was first written.
 */
async function copyTo(
  copies: PerCopy<Copy>,
  name: CopyName,
  stored: StoredObject,
  write: CopyWrite,
): Promise<string> {
  const from = copies[otherCopy(name)];
  const { key } = stored;
  const bytes = await from.read(key, await versionIn(from, stored));
  const verified = verifiedBytes(bytes, stored, { copy: from.name, object: key });
  return uploadToOne(copies, name, key, write, verified);
}
