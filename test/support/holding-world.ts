import { COPY_NAMES, type CopyName } from '../../shared/domain/copy-name.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { applyVaultHolds } from '../../shared/holds/apply-vault-holds.ts';
import { approveRelease } from '../../shared/holds/approve-release.ts';
import { requestRelease } from '../../shared/holds/request-release.ts';
import { livingInstallation, OPERATOR, SUPERVISOR } from './living-installation.ts';
import type { MemoryServices } from './memory-services.ts';

export const LAWSUIT = { reason: 'lawsuit', reference: '2026-17' };

const ENDLESS = () => Number.POSITIVE_INFINITY;

/** A living installation whose legal holds follow the ledger at once, as in AWS. */
export function holdingInstallation(): MemoryServices {
  const living = livingInstallation();
  living.pipeline.wire({
    holds: async (vaultId) => {
      await applyVaultHolds(living.services, vaultId, ENDLESS);
    },
  });
  return living;
}

/** Releases a hold that the operator placed: the operator asks, the supervisor approves. */
export async function release(
  { services }: Pick<MemoryServices, 'services'>,
  address: { vaultId: string; holdId: string },
): Promise<void> {
  await requestRelease(services, OPERATOR, address, { reason: 'case closed' });
  await approveRelease(services, SUPERVISOR, address);
}

/** @returns the keys, below the vault, of what one copy has under its own legal hold. */
export async function heldIn(
  { copies }: MemoryServices,
  copy: CopyName,
  { vaultId }: Pick<Vault, 'vaultId'>,
): Promise<string[]> {
  const prefix = `vaults/${vaultId}/`;
  const held: string[] = [];
  for await (const { key, versionId } of copies[copy].list(prefix)) {
    const state = await copies[copy].inspect(key, versionId);
    if (state?.legalHold) {
      held.push(key.slice(prefix.length));
    }
  }
  return held;
}

/** @returns how many objects are under legal hold in each copy. */
export async function heldCounts(world: MemoryServices, vault: Vault): Promise<number[]> {
  return Promise.all(COPY_NAMES.map(async (copy) => (await heldIn(world, copy, vault)).length));
}
