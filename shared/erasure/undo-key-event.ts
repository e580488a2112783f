import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { findOpenErasure } from './find-erasure.ts';
import { isErasersOwn, isOwnRepair, type KeyDeed } from './key-event.ts';

/** Events after which a key opens less than before. */
const DISABLING: readonly string[] = ['DisableKey', 'ScheduleKeyDeletion'];

/**
 * Undoes what an event did to a key, unless it is what the ledger wants:
 * - while an erasure is under way, the erasing function makes the keys again what that erasure
 *   wants, whatever the policy says: the keys are its own
 * - otherwise, where the policy says so, it enables them; a key's policy is put back by another
 *   function, which can neither use nor switch a key
 * - what the erasing function itself did to a vault that nobody erases any more is undone in any
 *   case: it was cut off in the very moment of a cancellation
 *
 * Of a state of a key that was found so the event is what would have led to it, and nobody's.
 *
 * Nothing here trusts the event: what is right already is left alone. May be repeated.
 *
 * @throws HoldfastError `PIPELINE_UNAVAILABLE`, `LEDGER_UNAVAILABLE`, `POLICY_UNKNOWN`.
 */
export async function undoKeyEvent(
  { ledger, pipeline, installation }: Pick<Services, 'ledger' | 'pipeline' | 'installation'>,
  vaultId: string,
  event: KeyDeed,
): Promise<void> {
  if (isOwnRepair(event, installation.name)) {
    return;
  }
  const { record: vault } = await requireVault(ledger, vaultId);
  const open = await findOpenErasure(ledger, vault);
  const isOwn = isErasersOwn(event, installation.name);
  const isUnderWay = open !== undefined && open.record.state !== 'REQUESTED';
  const { undoForeignKeyEvents } = (await policyOf(ledger, vault)).erasure;
  if (event.eventName === 'PutKeyPolicy') {
    return undoForeignKeyEvents ? pipeline.restoreKeyPolicies(vaultId) : undefined;
  }
  if (isUnderWay) {
    return isOwn ? undefined : pipeline.advanceErasure(vaultId);
  }
  const isDisabled = DISABLING.includes(event.eventName) && vault.state !== 'ERASED';
  if (isDisabled && (isOwn || undoForeignKeyEvents)) {
    await pipeline.restoreKeys(vaultId);
  }
}
