import type { PlaceHoldBody } from '../admin-api/messages.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Hold } from '../domain/records.ts';
import { cancelStep } from '../erasure/cancel-erasure.ts';
import { tellEraser } from '../erasure/tell-eraser.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';

/**
 * Puts a vault under a legal hold. A hold beats every erasure: one that is under way is cancelled
 * in the same transaction, and the keys are enabled again, as long as no key is destroyed yet.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`; `VAULT_UNREADABLE` for an erased vault.
 */
export async function placeHold(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'pipeline' | 'telemetry'>,
  actor: string,
  vaultId: string,
  body: PlaceHoldBody,
): Promise<Hold> {
  const hold: Hold = {
    kind: 'hold',
    vaultId,
    holdId: services.ids.next(),
    reason: body.reason,
    reference: body.reference,
    placedBy: actor,
    placedAt: services.clock.now().toISOString(),
    releasedBy: null,
    releasedAt: null,
  };
  const cancelled = await changeVault(services, vaultId, async (vault) => {
    if (vault.state === 'ERASED') {
      throw new HoldfastError('VAULT_UNREADABLE', { vaultId, state: vault.state });
    }
    const cancellation = await cancelStep(services.ledger, vault, actor, services.clock.now());
    return {
      vault: { ...(cancellation?.vault ?? vault), holds: vault.holds + 1 },
      actor,
      action: 'hold.placed',
      details: { holdId: hold.holdId, erasureCancelled: cancellation !== null },
      also: [{ record: hold, expect: 'absent' }, ...(cancellation?.changes ?? [])],
      result: cancellation !== null,
    };
  });
  if (cancelled) {
    await tellEraser(services, vaultId);
  }
  return hold;
}
