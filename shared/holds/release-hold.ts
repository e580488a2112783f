import { HoldfastError } from '../domain/errors.ts';
import { requireId } from '../domain/ids.ts';
import type { Hold } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';

/**
 * Lifts a hold. It takes a second person: whoever placed a hold cannot release it.
 *
 * @throws HoldfastError `HOLD_UNKNOWN`, `OWN_HOLD`, `VAULT_UNKNOWN`.
 */
export async function releaseHold(
  services: Pick<Services, 'ledger' | 'clock'>,
  actor: string,
  vaultId: string,
  holdId: string,
): Promise<Hold> {
  requireId('hold', holdId);
  return changeVault(services, vaultId, async (vault) => {
    const stored = await services.ledger.get('hold', vaultId, holdId);
    if (stored === undefined || stored.record.releasedAt !== null) {
      throw new HoldfastError('HOLD_UNKNOWN', { vaultId, holdId });
    }
    if (stored.record.placedBy === actor) {
      throw new HoldfastError('OWN_HOLD', { holdId });
    }
    const releasedAt = services.clock.now().toISOString();
    const hold: Hold = { ...stored.record, releasedBy: actor, releasedAt };
    return {
      vault: { ...vault, holds: vault.holds - 1 },
      actor,
      action: 'hold.released',
      details: { holdId },
      also: [{ record: hold, expect: stored.version }],
      result: hold,
    };
  });
}
