import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireVault } from '../registry/find-vault.ts';

/**
 * Starts the sweep of one vault; returns before it has run. What it did, the preview tells then.
 *
 * @param isConfirmed - whether the caller has seen what would go, and wants it to, however much.
 * @throws HoldfastError `ID_INVALID`, `VAULT_UNKNOWN`, `PIPELINE_UNAVAILABLE`.
 */
export async function requestSweep(
  services: Pick<Services, 'clock' | 'ledger' | 'pipeline'>,
  actor: string,
  vaultId: string,
  isConfirmed: boolean,
): Promise<{ vaultId: string; requestedAt: string }> {
  await requireVault(services.ledger, vaultId);
  const requestedAt = services.clock.now().toISOString();
  await changeVault(services, vaultId, async (vault) => ({
    vault,
    actor,
    action: 'sweep.requested',
    details: { isConfirmed },
    also: [],
    result: undefined,
  }));
  await services.pipeline.startSweep({ vaultId, actor, isConfirmed });
  return { vaultId, requestedAt };
}
