import { closeVault } from '../../shared/closing/close-vault.ts';
import type { Disposition } from '../../shared/domain/closing-records.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { requestVerification } from '../../shared/verify/request-verification.ts';
import { verifySnapshot } from '../../shared/verify/verify-snapshot.ts';
import { backUp, sourceOf } from './backed-up-vault.ts';
import { holdingInstallation } from './holding-world.ts';
import { OPERATOR, registeredVault } from './living-installation.ts';
import type { MemoryServices } from './memory-services.ts';

/** The day on which the work for the client ended. */
export const EVENT = '2026-11-01';

/** A vault with one snapshot, in an installation whose verifications run at once. */
export async function closableVault(policyId: string) {
  const world = holdingInstallation();
  world.pipeline.wire({
    verification: async (vaultId, verificationId) => {
      await verifySnapshot(world.services, { vaultId, verificationId }, () => true);
    },
  });
  const vault = await registeredVault(world, { policyId });
  sourceOf(world, vault).put('a.txt', 'first');
  const snapshot = await backUp(world, vault);
  return { world, vault, snapshot };
}

/** Verifies a snapshot quickly. @returns the id of the verification. */
export async function verified(
  { services }: MemoryServices,
  { vaultId, snapshotId }: Snapshot,
): Promise<string> {
  const address = { vaultId, snapshotId };
  return (await requestVerification(services, OPERATOR, address, { depth: 'quick' }))
    .verificationId;
}

/** Closes a vault as it should be closed. */
export async function closed(
  world: MemoryServices,
  snapshot: Snapshot,
  disposition: Disposition,
): Promise<Vault> {
  const verificationId = await verified(world, snapshot);
  const body = { disposition, event: EVENT, verificationId };
  return closeVault(world.services, OPERATOR, snapshot.vaultId, body);
}
