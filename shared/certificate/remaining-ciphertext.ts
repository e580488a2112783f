import { COPY_NAMES, inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import type { StoredObject } from '../domain/records.ts';
import { tombstoneKey, vaultPrefix } from '../format/object-keys.ts';
import type { Services } from '../ports/services.ts';
import { snapshotObjects } from '../snapshot/written-parts.ts';

/** What lies under an erased vault's prefix in one copy, but its tombstone. */
export interface RemainingCiphertext {
  /** Versions of objects, and their bytes; delete markers are none. */
  readonly versions: number;
  readonly bytes: number;
  /** Versions that the ledger does not know, nor their locks: left by a run, a move, a repair. */
  readonly unlisted: number;
  /** The latest end of a lock of those it knows, ISO 8601; `null` when it knows none of them. */
  readonly until: string | null;
}

/**
 * Asks both copies what is there, and the ledger until when it is locked. Takes memory for the
 * names of the vault's objects, and no request per object.
 *
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `LEDGER_UNAVAILABLE`.
 */
export async function remainingCiphertext(
  { ledger, copies }: Pick<Services, 'ledger' | 'copies'>,
  vaultId: string,
): Promise<PerCopy<RemainingCiphertext>> {
  const locks = await knownLocks({ ledger }, vaultId);
  return inBothCopies(async (copy) => {
    const found = { versions: 0, bytes: 0, unlisted: 0 };
    let until: string | null = null;
    for await (const { key, versionId, size, isDeleteMarker } of copies[copy].list(
      vaultPrefix(vaultId),
    )) {
      if (isDeleteMarker || key === tombstoneKey(vaultId)) {
        continue;
      }
      const lockedUntil = locks[copy].get(nameOf(key, versionId));
      found.versions += 1;
      found.bytes += size;
      found.unlisted += lockedUntil === undefined ? 1 : 0;
      until = lockedUntil !== undefined && lockedUntil > (until ?? '') ? lockedUntil : until;
    }
    return { ...found, until };
  });
}

/** @returns until when each version in each copy is locked that the ledger knows. */
async function knownLocks(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<PerCopy<Map<string, string>>> {
  const locks = { primary: new Map<string, string>(), secondary: new Map<string, string>() };
  const add = ({ key, versions }: StoredObject, lockedUntil: string): void => {
    for (const copy of COPY_NAMES) {
      const versionId = versions[copy];
      if (versionId !== null) {
        locks[copy].set(nameOf(key, versionId), lockedUntil);
      }
    }
  };
  for await (const { record } of ledger.list('pack', { vaultId })) {
    add(record, record.lockedUntil);
  }
  for await (const { record } of ledger.list('snapshot', { vaultId })) {
    for (const object of await snapshotObjects({ ledger }, record)) {
      add(object, record.lockedUntil);
    }
  }
  return locks;
}

function nameOf(key: string, versionId: string): string {
  return `${key}\t${versionId}`;
}
