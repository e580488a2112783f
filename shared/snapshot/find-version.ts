import { createHash } from 'node:crypto';
import { HoldfastError } from '../domain/errors.ts';
import type { StoredObject } from '../domain/records.ts';
import type { Copy } from '../ports/copy.ts';

/**
 * Finds an object in a copy that it was not written to at first: a repair may have put it there
 * since (format.md 5.5). Its name belongs to it alone, so the versions under that name are the only
 * candidates, and its SHA-256 decides among them.
 *
 * @returns the version id; `undefined` when it is not there.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`.
 */
export async function findVersion(
  copy: Copy,
  { key, size, sha256 }: Omit<StoredObject, 'versions'>,
): Promise<string | undefined> {
  for await (const listed of copy.list(key)) {
    const isCandidate = listed.key === key && listed.size === size && !listed.isDeleteMarker;
    if (!isCandidate) {
      continue;
    }
    const state = await copy.inspect(key, listed.versionId);
    // The store does not know it of an object that was written in parts.
    if ((state?.sha256 ?? (await sha256In(copy, key, listed.versionId))) === sha256) {
      return listed.versionId;
    }
  }
  return undefined;
}

/**
 * @returns the version in which a copy has an object.
 * @throws HoldfastError `OBJECT_MISSING`, `COPY_UNAVAILABLE`, `COPY_DENIED`.
 */
export async function versionIn(copy: Copy, stored: StoredObject): Promise<string> {
  const version = stored.versions[copy.name] ?? (await findVersion(copy, stored));
  if (version === undefined) {
    throw new HoldfastError('OBJECT_MISSING', { copy: copy.name, object: stored.key });
  }
  return version;
}

async function sha256In(copy: Copy, key: string, versionId: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of (await copy.read(key, versionId)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
    }
  } catch (error) {
    throw error instanceof HoldfastError
      ? error
      : new HoldfastError('COPY_UNAVAILABLE', { copy: copy.name, object: key });
  }
  return hash.digest('hex');
}
