import { type Hold, isInForce } from '../domain/hold-records.ts';
import { heedHolds } from '../erasure/heed-holds.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';

/**
 * Ends a hold in its vault: one less is in force there. With the last one an erasure goes on that
 * stood still; what else was due meanwhile is taken up by the passes that own it, and S3's legal
 * holds are lifted by the next pass over holds.
 *
 * @param hold - as it is to be: with who released it and when.
 * @returns whether it ended now; `false` when it touched the vault never, or no longer.
 * @throws HoldfastError `VAULT_UNKNOWN`.
 */
export async function releaseVault(
  services: Pick<Services, 'ledger' | 'clock' | 'pipeline' | 'telemetry'>,
  hold: Hold,
): Promise<boolean> {
  const { vaultId, holdId, releaseRequest, releasedBy, releasedAt } = hold;
  const released = await changeVault(services, vaultId, async (vault) => {
    const stored = await services.ledger.get('hold', vaultId, holdId);
    if (stored === undefined || !isInForce(stored.record)) {
      return null;
    }
    const record: Hold = { ...stored.record, releaseRequest, releasedBy, releasedAt };
    return {
      vault: { ...vault, holds: vault.holds - 1 },
      actor: releasedBy ?? '',
      action: 'hold.released',
      details: { holdId, scope: hold.scope.kind, requestedBy: releaseRequest?.by ?? null },
      also: [{ record, expect: stored.version }],
      result: true,
    };
  });
  if (released) {
    await heedHolds(services, vaultId);
  }
  return released !== null;
}
