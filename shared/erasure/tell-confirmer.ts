import { isFault } from '../domain/errors.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { findOpenErasure } from './find-erasure.ts';

/**
 * Call it after evidence of a destruction was recorded: with that of both Regions, the decrypts are
 * tried at once. When the confirming function cannot be reached, its hourly run does the same.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`, `LEDGER_UNAVAILABLE`.
 */
export async function tellConfirmer(
  services: Pick<Services, 'ledger' | 'pipeline' | 'telemetry'>,
  vaultId: string,
): Promise<void> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const open = await findOpenErasure(services.ledger, vault);
  if (open?.record.state !== 'DESTROYED') {
    return;
  }
  try {
    await services.pipeline.confirmErasures({ vaultId });
  } catch (error) {
    if (!isFault(error, 'PIPELINE_UNAVAILABLE')) {
      throw error;
    }
    services.telemetry.event('confirmer.not-reached', { vaultId });
  }
}
