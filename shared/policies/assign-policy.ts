import { listCited } from '../domain/cited-law.ts';
import { ruleOn } from '../domain/disposition.ts';
import { HoldfastError } from '../domain/errors.ts';
import { parseLocalDate } from '../domain/local-date.ts';
import type { Policy } from '../domain/policy.ts';
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
 * A closed vault that is retained is kept as long as its new policy says: the calendar is counted
 * anew from the day it was closed with, and what is over by then is due for erasing at once. A
 * person approves that, as always, and the plan tells whose assignment ended a duty to keep it.
 *
 * @param actor - ARN of the caller.
 * @throws HoldfastError `VAULT_UNKNOWN`, `POLICY_UNKNOWN`, `POLICY_NOT_APPROVED`, `LOCK_OVER_CAP`,
 * `RESIDENCY_UNMET`; `POLICY_FIXED` when it is erased or about to be;
 * `POLICY_CONTRADICTS_CLOSING` when a retained vault could be neither retained nor erased under it.
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
      throw new HoldfastError('POLICY_FIXED', { vaultId, state: vault.state });
    }
    if (vault.policyId === policyId && vault.policyVersion === policy.version) {
      return null;
    }
    const closing = closingUnder(policy, vault, services.clock.now());
    const assigned: Vault = {
      ...vault,
      ...{ policyId, policyVersion: policy.version, closing },
      replacedPolicies: [
        ...(vault.replacedPolicies ?? []),
        {
          policyId: vault.policyId,
          policyVersion: vault.policyVersion,
          replacedBy: actor,
          replacedAt: services.clock.now().toISOString(),
        },
      ],
    };
    return {
      vault: assigned,
      actor,
      action: 'policy.assigned',
      details: {
        policyId,
        policyVersion: policy.version,
        previousPolicyId: vault.policyId,
        previousPolicyVersion: vault.policyVersion,
        ...keepUntilDetails(vault.closing, closing),
      },
      also: [],
      result: assigned,
    };
  });
  return changed ?? (await requireVault(services.ledger, vaultId)).record;
}

function closingUnder(policy: Policy, { vaultId, closing }: Vault, now: Date): Vault['closing'] {
  const event = parseLocalDate(closing?.event ?? '');
  if (closing?.disposition !== 'retain' || event === undefined) {
    return closing;
  }
  const retained = ruleOn('retain', policy, event, now);
  const ruling = retained.allowed ? retained : ruleOn('erase', policy, event, now);
  if (!ruling.allowed) {
    const { says, basis } = ruling;
    const rule = listCited(basis);
    throw new HoldfastError('POLICY_CONTRADICTS_CLOSING', { vaultId, rule, says });
  }
  return { ...closing, keepUntil: ruling.keepUntil, basis: ruling.basis };
}

function keepUntilDetails(before: Vault['closing'], after: Vault['closing']) {
  return before === after || before === null || after === null
    ? {}
    : { keepUntil: after.keepUntil, previousKeepUntil: before.keepUntil };
}
