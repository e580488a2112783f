import { HoldfastError } from '../domain/errors.ts';
import { tombstoneKey } from '../format/object-keys.ts';
import { parseTombstone, type Tombstone } from '../format/tombstone.ts';
import type { Services } from '../ports/services.ts';
import { locateProof } from '../proof/locate-proof.ts';
import { readObject } from '../proof/read-object.ts';

/**
 * Looks for a vault's tombstone in both copies, whatever the ledger says: the ledger may have been
 * restored to a time before the erasure, the copies cannot be. One copy that has it is enough; a
 * copy that does not answer is passed over as long as the other one does.
 *
 * @returns `undefined` when no copy that answered has one.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED` when neither copy answers;
 * `OBJECT_DAMAGED` when what lies there is no tombstone.
 */
export async function findTombstone(
  services: Pick<Services, 'copies'>,
  vaultId: string,
): Promise<Tombstone | undefined> {
  const found = await locateProof(services, tombstoneKey(vaultId));
  if (found === undefined) {
    return undefined;
  }
  const object = tombstoneKey(vaultId);
  const bytes = await readObject(found.copy, object, found.versionId);
  return parseTombstone(bytes, vaultId, { copy: found.copy.name, object });
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
