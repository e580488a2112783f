import { HoldfastError } from '../domain/errors.ts';
import { requireFits } from '../domain/policy-locks.ts';
import type { Vault } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireVault } from '../registry/find-vault.ts';
import { requireUsable } from './find-policy.ts';

/**
 * Gives a vault another policy, or another version of its own. It decides from the next snapshot
 * on: what is kept keeps its end, and no lock that exists becomes shorter. Assigning what the vault
 * has already changes nothing.
 *
 * @param actor - ARN of the caller.
 * @throws HoldfastError `VAULT_UNKNOWN`, `POLICY_UNKNOWN`, `POLICY_NOT_APPROVED`, `LOCK_OVER_CAP`,
 * `RESIDENCY_UNMET`; `VAULT_NOT_ACTIVE` when it is erased or about to be.
 */
export async function assignPolicy(
  services: Pick<Services, 'ledger' | 'clock' | 'installation'>,
  actor: string,
  vaultId: string,
  { policyId, version }: { policyId: string; version?: number | undefined },
): Promise<Vault> {
  const policy = await requireUsable(services.ledger, policyId, version);
  requireFits(policy, services.installation);
  const changed = await changeVault(services, vaultId, async (vault) => {
    if (vault.state === 'ERASED' || vault.state === 'ERASE_PENDING') {
      throw new HoldfastError('VAULT_NOT_ACTIVE', { vaultId, state: vault.state });
    }
    if (vault.policyId === policyId && vault.policyVersion === policy.version) {
      return null;
    }
    const assigned: Vault = { ...vault, policyId, policyVersion: policy.version };
    return {
      vault: assigned,
      actor,
      action: 'policy.assigned',
      details: {
        policyId,
        policyVersion: policy.version,
        previousPolicyId: vault.policyId,
        previousPolicyVersion: vault.policyVersion,
      },
      also: [],
      result: assigned,
    };
  });
  return changed ?? (await requireVault(services.ledger, vaultId)).record;
}
