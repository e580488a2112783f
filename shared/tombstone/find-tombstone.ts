import { COPY_NAMES } from '../domain/copy-name.ts';
import { HoldfastError, isFault } from '../domain/errors.ts';
import { tombstoneKey } from '../format/object-keys.ts';
import { parseTombstone, type Tombstone } from '../format/tombstone.ts';
import type { Copy } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { locateIn, locateProof } from '../proof/locate-proof.ts';
import { readObject } from '../proof/read-object.ts';

/**
 * Looks for a vault's tombstone in both copies, whatever the ledger says: the ledger may have been
 * restored to a time before the erasure, the copies cannot be. One copy that has it is enough,
 * whatever lies in the other; a copy that does not answer is passed over as long as the other one
 * does.
 *
 * @returns `undefined` when no copy that answered has one.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED` when neither copy answers;
 * `OBJECT_DAMAGED` when what lies there is no tombstone, and the other copy has none.
 */
export async function findTombstone(
  { copies }: Pick<Services, 'copies'>,
  vaultId: string,
): Promise<Tombstone | undefined> {
  const looked = await Promise.allSettled(COPY_NAMES.map((name) => readIn(copies[name], vaultId)));
  const answers = looked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failures = looked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const found = answers.find((one) => one !== undefined);
  const worst =
    failures.find((failure) => !isFault(failure, 'COPY_UNAVAILABLE', 'COPY_DENIED')) ??
    (answers.length === 0 ? failures[0] : undefined);
  if (found === undefined && worst !== undefined) {
    throw worst;
  }
  return found;
}

async function readIn(copy: Copy, vaultId: string): Promise<Tombstone | undefined> {
  const object = tombstoneKey(vaultId);
  const located = await locateIn(copy, object);
  return (
    located &&
    parseTombstone(await readObject(copy, object, located.versionId), vaultId, {
      copy: copy.name,
      object,
    })
  );
}

/**
 * Keeps everything from a vault that was erased, also when the ledger does not know it (any more).
 * Its keys are destroyed, so that nothing could be read anyway; but neither may it be written to,
 * nor shown as if it lived.
 *
 * @throws HoldfastError `VAULT_UNREADABLE` when a tombstone lies in either copy;
 * `COPY_UNAVAILABLE`, `COPY_DENIED` when neither copy answers.
 */
export async function refuseErased(
  services: Pick<Services, 'copies'>,
  vaultId: string,
): Promise<void> {
  if ((await locateProof(services, tombstoneKey(vaultId))) !== undefined) {
    throw new HoldfastError('VAULT_UNREADABLE', { vaultId, state: 'ERASED' });
  }
}
