import { listCited } from '../domain/cited-law.ts';
import type { ErasurePlan, ErasureStatements, LawDecision } from '../domain/erasure-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { decideErasure } from './decide-erasure.ts';
import { findInitiators } from './find-initiators.ts';
import { planHash } from './plan-hash.ts';
import { takeInventory } from './take-inventory.ts';

/** What would happen to a vault, and why. */
export interface DecidedPlan {
  readonly decision: LawDecision;
  readonly plan: ErasurePlan;
}

/**
 * Decides a request by the law table and lists what it would destroy. Reads the ledger only; the
 * time it takes grows with the vault, unlike the erasing itself.
 *
 * @throws HoldfastError `POLICY_UNKNOWN`, `LEDGER_UNAVAILABLE`.
 */
export async function makePlan(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  vault: Vault,
  erasureId: string | null,
  statements: ErasureStatements,
): Promise<DecidedPlan> {
  const { vaultId, keys } = vault;
  const policy = await policyOf(ledger, vault);
  const now = clock.now();
  const decision = await decideErasure(ledger, vault, statements, now);
  const { graceDays, windowDays, approvals } = policy.erasure;
  const inventory = await takeInventory(ledger, vaultId);
  const initiatedBy = await findInitiators(ledger, vault, statements, decision, now);
  const unhashed = { ...inventory, keys, graceDays, windowDays, approvals, initiatedBy };
  const hash = planHash({ vaultId, erasureId, statements, decision }, unhashed);
  return { decision, plan: { hash, ...unhashed } };
}

/** @throws HoldfastError `VAULT_HELD`, `ERASURE_REFUSED` unless the law lets it be erased. */
export function requireErasable(vault: Vault, { outcome, rule, basis }: LawDecision): void {
  const { vaultId, holds } = vault;
  if (outcome === 'refuse') {
    throw new HoldfastError('VAULT_HELD', { vaultId, holds });
  }
  if (outcome !== 'erase' && outcome !== 'restrict') {
    throw new HoldfastError('ERASURE_REFUSED', { vaultId, rule, basis: listCited(basis) });
  }
}
