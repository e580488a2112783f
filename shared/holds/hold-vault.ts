import type { Hold } from '../domain/hold-records.ts';
import { heedHolds } from '../erasure/heed-holds.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';

/**
 * Lets a hold touch its vault: one more is in force there, and an erasure under way stands still.
 * @returns whether it does now; `false` for an erased vault. One that does already stays as it is.
 * @throws HoldfastError `VAULT_UNKNOWN`.
 */
export async function holdVault(
  services: Pick<Services, 'ledger' | 'clock' | 'pipeline' | 'telemetry'>,
  hold: Hold,
): Promise<boolean> {
  const { vaultId, holdId, placedBy: actor, scope } = hold;
  const done = await changeVault(services, vaultId, async (vault) => {
    const isThere = (await services.ledger.get('hold', vaultId, holdId)) !== undefined;
    if (isThere || vault.state === 'ERASED') {
      return null;
    }
    return {
      vault: { ...vault, holds: vault.holds + 1 },
      actor,
      action: 'hold.placed',
      details: { holdId, scope: scope.kind },
      also: [{ record: hold, expect: 'absent' as const }],
      result: true,
    };
  });
  if (done) {
    await heedHolds(services, vaultId);
  }
  return done !== null;
}
