import { createHash } from 'node:crypto';
import { isFault } from '../domain/errors.ts';
import type { StoredObject } from '../domain/records.ts';
import { snapshotOfSeal, snapshotsPrefix } from '../format/object-keys.ts';
import { parseSeal, type Seal } from '../format/seal.ts';
import type { Copy, CopyListing } from '../ports/copy.ts';

/** Where the seal of a snapshot lies in one copy. */
export interface FoundSeal extends Pick<CopyListing, 'key' | 'versionId' | 'size'> {
  readonly snapshotId: string;
  /** Versions that came under its name later, oldest first. */
  readonly later: readonly string[];
}

/**
 * Lists the seals of a vault, oldest snapshot first. Under each name the first version counts, and
 * one that says that it replaces it: whoever added another one came later.
 *
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`.
 */
export async function* findSeals(copy: Copy, vaultId: string): AsyncGenerator<FoundSeal> {
  let found: FoundSeal | undefined;
  for await (const { key, versionId, size, isDeleteMarker } of copy.list(
    snapshotsPrefix(vaultId),
  )) {
    const snapshotId = snapshotOfSeal(key);
    if (snapshotId === undefined || isDeleteMarker) {
      continue;
    }
    if (found !== undefined && found.key !== key) {
      yield found;
    }
    // Versions come newest first: the last one is the first that was written.
    const later: readonly string[] = found?.key === key ? [found.versionId, ...found.later] : [];
    found = { snapshotId, key, versionId, size, later };
  }
  if (found !== undefined) {
    yield found;
  }
}

/** A seal, and the object it was read from. */
export interface ReadSeal {
  readonly seal: Seal;
  readonly stored: StoredObject;
}

/**
 * Reads a seal that was found, or the one that a move to other keys has put in its place (format.md
 * 5.6). Its SHA-256 is what it is: there is nothing to compare it with.
 * @returns `undefined` when it is no seal of that snapshot, or gone.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`.
 */
export async function readFoundSeal(
  copy: Copy,
  vaultId: string,
  found: FoundSeal,
): Promise<ReadSeal | undefined> {
  return (await readReplacing(copy, vaultId, found)).at(-1);
}

/**
 * Reads the first seal of a name and those that moves have put in its place, oldest first. One that
 * was written by a move that began anew replaces what the one before it replaced.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`.
 */
export async function readReplacing(
  copy: Copy,
  vaultId: string,
  { later, ...first }: FoundSeal,
): Promise<ReadSeal[]> {
  const read = await readVersion(copy, vaultId, first);
  const seals = read === undefined ? [] : [read];
  for (const versionId of read === undefined ? [] : later) {
    const next = await readVersion(copy, vaultId, { ...first, versionId });
    if (next !== undefined && seals.some(({ stored }) => stored.sha256 === next.seal.replaces)) {
      seals.push(next);
    }
  }
  return seals;
}

async function readVersion(
  copy: Copy,
  vaultId: string,
  { snapshotId, key, versionId }: Omit<FoundSeal, 'later'>,
): Promise<ReadSeal | undefined> {
  try {
    const bytes = Buffer.concat(await Array.fromAsync(await copy.read(key, versionId)));
    const origin = { copy: copy.name, object: key };
    const seal = parseSeal(bytes, { vaultId, snapshotId }, origin);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const versions = { primary: null, secondary: null, [copy.name]: versionId };
    return { seal, stored: { key, size: bytes.length, sha256, versions } };
  } catch (error) {
    if (!isFault(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) {
      throw error;
    }
    return undefined;
  }
}
