import type {
  ErasureStatements,
  Initiation,
  LawDecision,
  ReplacedDuty,
} from '../domain/erasure-records.ts';
import type { ReplacedPolicy } from '../domain/policy-records.ts';
import type { Vault } from '../domain/records.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Ledger } from '../ports/ledger.ts';
import { decideUnder } from './decide-erasure.ts';

/**
 * Finds the acts of people that lead to the erasure of a vault, whoever asks for it in the end:
 * mostly a function does, years later. Assigning another policy is one of them when the law would
 * still keep the vault, or keep it longer, under the policy that it had before.
 *
 * @param decision - what the law says under the policy that the vault has now.
 * @returns them in order of time.
 * @throws HoldfastError `POLICY_UNKNOWN`, `LEDGER_UNAVAILABLE`.
 */
export async function findInitiators(
  ledger: Ledger,
  vault: Vault,
  statements: ErasureStatements,
  decision: LawDecision,
  now: Date,
): Promise<Initiation[]> {
  const under = async (pin: { policyId: string; policyVersion: number }) =>
    decideUnder(await policyOf(ledger, pin), vault, statements, now);
  const acts: Initiation[] = await closingActs(ledger, vault);
  const replaced = vault.replacedPolicies ?? [];
  for (const [index, before] of replaced.entries()) {
    const law = await under(before);
    const after = replaced[index + 1] ?? vault;
    if (isLonger(law, decision) && isLonger(law, await under(after))) {
      acts.push(assignment(before, after, law));
    }
  }
  return acts.toSorted((left, right) => Date.parse(left.at) - Date.parse(right.at));
}

async function closingActs(
  ledger: Ledger,
  { vaultId, closing }: Pick<Vault, 'vaultId' | 'closing'>,
): Promise<Initiation[]> {
  if (closing === null) {
    return [];
  }
  const closed: Initiation = { act: 'closed', by: closing.closedBy, at: closing.closedAt };
  const handover = (await ledger.get('handover', vaultId))?.record;
  return handover === undefined
    ? [closed]
    : [closed, { act: 'handed-over', by: handover.confirmedBy, at: handover.confirmedAt }];
}

function assignment(
  { replacedBy, replacedAt, ...before }: ReplacedPolicy,
  { policyId, policyVersion }: ReplacedDuty['to'],
  { rule, basis, until }: LawDecision,
): Initiation {
  const replaced = { from: before, to: { policyId, policyVersion }, rule, basis, until };
  return { act: 'policy-assigned', by: replacedBy, at: replacedAt, replaced };
}

function isLonger(left: LawDecision, right: LawDecision): boolean {
  return keptUntil(left) > keptUntil(right);
}

/** Until when the law keeps a vault, in ms; what it does not let go at all, for ever. */
function keptUntil({ outcome, until }: LawDecision): number {
  if (outcome === 'erase') {
    return Number.NEGATIVE_INFINITY;
  }
  return outcome === 'restrict' && until !== null ? Date.parse(until) : Number.POSITIVE_INFINITY;
}
