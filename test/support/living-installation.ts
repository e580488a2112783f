import type { Vault } from '../../shared/domain/records.ts';
import { advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { restoreKeyPolicies } from '../../shared/erasure/restore-key-policies.ts';
import { registerClient } from '../../shared/registry/register-client.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { type MemoryServices, memoryServices, TEST_INSTALLATION } from './memory-services.ts';

export const OPERATOR = 'arn:aws:iam::111122223333:user/operator';
export const SUPERVISOR = 'arn:aws:iam::111122223333:user/supervisor';

/**
 * An installation in memory whose parts answer each other as in AWS: key events reach the ledger,
 * and the erasing function runs when it is told to.
 */
export function livingInstallation(): MemoryServices {
  const living = memoryServices();
  const { services, pipeline, custody } = living;
  pipeline.wire({
    advanceErasure: (vaultId) => advanceErasure(services, vaultId),
    restoreKeys: (vaultId) => advanceErasure(services, vaultId, { restore: true }),
    restoreKeyPolicies: async (vaultId) => {
      await restoreKeyPolicies(services, vaultId);
    },
  });
  custody.onKeyEvent((event) => recordKeyEvent(services, event));
  return living;
}

/** Registers a client and one vault of it. */
export async function registeredVault(
  { services }: MemoryServices,
  { policyId = 'engagement-10y', reference = 'A-1', recordClass = 'engagement-file' } = {},
): Promise<Vault> {
  const client = await registerClient(services, OPERATOR, { name: 'Somebody', reference });
  return registerVault(services, OPERATOR, client.clientId, {
    recordClass,
    policyId,
    source: { kind: 's3' as const, bucket: 'records-of-the-firm', prefix: `${reference}/` },
  });
}

/** @returns the vault as the ledger has it now. */
export async function vaultNow({ ledger }: MemoryServices, vaultId: string): Promise<Vault> {
  const stored = await ledger.get('vault', vaultId);
  if (stored === undefined) {
    throw new Error(`no vault ${vaultId} in ${TEST_INSTALLATION.name}`);
  }
  return stored.record;
}
