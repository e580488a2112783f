import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import type { Erasure } from '../../shared/domain/erasure-records.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { backUp } from './backed-up-vault.ts';
import { approved, erasureNow } from './erasing.ts';
import { registeredVault } from './living-installation.ts';
import type { MemoryServices } from './memory-services.ts';

export const TOOL_VERSION = '9.9.9';

/** A vault with a backup, erased with evidence from both Regions, and not certified yet. */
export async function erasedVault(
  living: MemoryServices,
  options: Parameters<typeof registeredVault>[1] = {},
): Promise<{ vault: Vault; erasure: Erasure }> {
  const vault = await registeredVault(living, { policyId: 'consent-only', ...options });
  await backUp(living, vault);
  const erasure = await approved(living, vault);
  await advanceDueErasures(living.services);
  await living.clock.moveDays(8);
  await confirmDueErasures(living.services);
  return { vault, erasure: await erasureNow(living, erasure) };
}

/** The same, certified. */
export async function certifiedVault(
  living: MemoryServices,
  options: Parameters<typeof registeredVault>[1] = {},
): Promise<{ vault: Vault; erasure: Erasure }> {
  const { vault, erasure } = await erasedVault(living, options);
  await certifyDueErasures(living.services, TOOL_VERSION);
  return { vault, erasure: await erasureNow(living, erasure) };
}
