import type { RequestErasureBody } from '../admin-api/messages.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Erasure, Vault } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { findOpenErasure } from './find-erasure.ts';

/**
 * Asks for a vault to be erased. Nothing happens to the keys until a second person approves.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`, `VAULT_HELD`, `ERASURE_UNDER_WAY`; `VAULT_UNREADABLE`
 * when the vault is erased already.
 */
export async function requestErasure(
  services: Pick<Services, 'ledger' | 'clock' | 'ids'>,
  actor: string,
  vaultId: string,
  body: RequestErasureBody,
): Promise<Erasure> {
  const erasure: Erasure = {
    kind: 'erasure',
    vaultId,
    erasureId: services.ids.next(),
    state: 'REQUESTED',
    reason: body.reason,
    requestedBy: actor,
    requestedAt: services.clock.now().toISOString(),
    approvedBy: null,
    approvedAt: null,
    suspendedAt: null,
    graceUntil: null,
    deletionDates: null,
    evidence: { primary: null, secondary: null },
    probes: { primary: null, secondary: null },
    endedAt: null,
    cancelledBy: null,
  };
  return changeVault(services, vaultId, async (vault) => {
    if (vault.state === 'ERASED') {
      throw new HoldfastError('VAULT_UNREADABLE', { vaultId, state: vault.state });
    }
    refuseWhenHeld(vault);
    const open = await findOpenErasure(services.ledger, vault);
    if (open !== undefined) {
      const { erasureId } = open.record;
      throw new HoldfastError('ERASURE_UNDER_WAY', { vaultId, erasureId });
    }
    return {
      vault: { ...vault, erasureId: erasure.erasureId },
      actor,
      action: 'erasure.requested',
      details: { erasureId: erasure.erasureId },
      also: [{ record: erasure, expect: 'absent' }],
      result: erasure,
    };
  });
}

/** @throws HoldfastError `VAULT_HELD`: a hold beats every erasure. */
export function refuseWhenHeld(vault: Vault): void {
  if (vault.holds > 0) {
    throw new HoldfastError('VAULT_HELD', { vaultId: vault.vaultId, holds: vault.holds });
  }
}
