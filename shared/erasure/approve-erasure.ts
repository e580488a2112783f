import { HoldfastError } from '../domain/errors.ts';
import type { Erasure } from '../domain/records.ts';
import { requireErasureTransition, requireVaultTransition } from '../domain/states.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireOpenErasure } from './find-erasure.ts';
import { refuseWhenHeld } from './request-erasure.ts';
import { tellEraser } from './tell-eraser.ts';

/**
 * Approves an erasure as a second person. From then on the vault takes no backups, and the erasing
 * function disables its keys at once.
 *
 * @returns the erasure as it stands after the erasing function was told.
 * @throws HoldfastError `ERASURE_UNKNOWN`, `OWN_REQUEST`, `VAULT_HELD`, `VAULT_UNKNOWN`,
 * `TRANSITION_FORBIDDEN` when it is approved already.
 */
export async function approveErasure(
  services: Pick<Services, 'ledger' | 'clock' | 'pipeline' | 'telemetry'>,
  actor: string,
  vaultId: string,
  { erasureId }: { erasureId: string },
): Promise<Erasure> {
  await changeVault(services, vaultId, async (vault) => {
    const stored = await requireOpenErasure(services.ledger, vault, erasureId);
    requireErasureTransition(erasureId, stored.record.state, 'APPROVED');
    if (stored.record.requestedBy === actor) {
      throw new HoldfastError('OWN_REQUEST', { erasureId });
    }
    refuseWhenHeld(vault);
    requireVaultTransition(vaultId, vault.state, 'ERASE_PENDING');
    const approvedAt = services.clock.now().toISOString();
    const approved: Erasure = {
      ...stored.record,
      state: 'APPROVED',
      approvedBy: actor,
      approvedAt,
    };
    return {
      vault: { ...vault, state: 'ERASE_PENDING', nextBackupAt: null },
      actor,
      action: 'erasure.approved',
      details: { erasureId, requestedBy: stored.record.requestedBy },
      also: [{ record: approved, expect: stored.version }],
      result: approved,
    };
  });
  await tellEraser(services, vaultId);
  const after = await services.ledger.get('erasure', vaultId, erasureId);
  if (after === undefined) {
    throw new HoldfastError('ERASURE_UNKNOWN', { vaultId });
  }
  return after.record;
}
