import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { findOpenErasure } from './find-erasure.ts';
import { tellEraser } from './tell-eraser.ts';

/**
 * Call it after a hold was placed or released: lets the erasing function at once stop what must not
 * go on, or go on with what may. When it cannot be reached, its hourly run does the same.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`, `LEDGER_UNAVAILABLE`.
 */
export async function heedHolds(
  services: Pick<Services, 'ledger' | 'pipeline' | 'telemetry'>,
  vaultId: string,
): Promise<void> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const open = await findOpenErasure(services.ledger, vault);
  if (open !== undefined && open.record.state !== 'REQUESTED') {
    await tellEraser(services, vaultId);
  }
}
