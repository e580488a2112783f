import type { ErasurePlanAnswer } from '../admin-api/answers.ts';
import { listCited } from '../domain/cited-law.ts';
import type { Initiation } from '../domain/erasure-records.ts';
import { tierOf } from '../domain/key-tier.ts';
import { LAW_RULES } from '../domain/law-rules.ts';

type PlanFacts = Omit<ErasurePlanAnswer, 'says'>;

/** @returns a plan in sentences: why, what is destroyed, what is kept, for how long, by whom. */
export function describePlan(facts: PlanFacts): string[] {
  const { decision } = facts;
  const why = `${LAW_RULES[decision.rule]} (${listCited(decision.basis)})`;
  switch (decision.outcome) {
    case 'erase':
      return [
        why,
        ...destruction(facts),
        ciphertext(facts),
        outOfScope(),
        ...initiation(facts),
        approval(facts),
      ];
    case 'restrict':
      return [
        why,
        restriction(facts),
        ...destruction(facts),
        ciphertext(facts),
        outOfScope(),
        ...initiation(facts),
        approval(facts),
      ];
    default:
      return [why, 'Nothing is destroyed, and everything is kept as it is.'];
  }
}

function restriction({ decision: { until } }: PlanFacts): string {
  const end = until === null ? 'for ever' : `until ${dayOf(until)}, and erased by itself then`;
  return `Restricted: both keys are disabled; it is kept, readable for nobody, ${end}.`;
}

function destruction({ decision, plan }: PlanFacts): string[] {
  if (decision.outcome === 'restrict' && decision.until === null) {
    return [];
  }
  const { keys, snapshots, packs, objects, bytes, graceDays, windowDays } = plan;
  const grace = decision.until ?? null;
  const start =
    grace === null
      ? `both keys are disabled at once, and after ${graceDays} days their deletion is scheduled`
      : `on ${dayOf(grace)} the deletion of both keys is scheduled`;
  const destroyed =
    tierOf(keys) === 'dedicated'
      ? 'AWS destroys them'
      : 'Holdfast deletes their entries, the weaker proof of the tier shared-root,';
  return [
    `Destroyed: the keys ${keys.primary} and ${keys.secondary}, and with them ${snapshots} ` +
      `snapshots in ${packs} packs, ${objects} objects of ${bytes} bytes in each copy.`,
    `How: ${start}; ${destroyed} ${windowDays} days later. Until then it can be cancelled.`,
  ];
}

function ciphertext({ plan: { ciphertextUntil } }: PlanFacts): string {
  return ciphertextUntil === null
    ? 'Ciphertext: there is none.'
    : `Ciphertext: what nobody can read any more stays locked in both copies until ` +
        `${dayOf(ciphertextUntil)}, or longer if its locks are renewed before the keys are gone.`;
}

function outOfScope(): string {
  return (
    'Kept: other vaults, the records at their source, what was restored elsewhere, and ' +
    'the ledger with its audit chain.'
  );
}

const ACTS: Readonly<Record<Initiation['act'], string>> = {
  closed: 'closed the vault',
  'handed-over': 'confirmed that the client has the records',
  'policy-assigned': 'assigned another policy',
};

function initiation({ plan: { initiatedBy } }: PlanFacts): string[] {
  const acts = initiatedBy.map(({ act, by, at }) => `${by} ${ACTS[act]} on ${dayOf(at)}`);
  return acts.length === 0
    ? []
    : [
        ...initiatedBy.flatMap(shortening),
        `Brought about: ${acts.join('; ')}. Who alone did this cannot approve it.`,
      ];
}

/** The approver decides on the policy as well, when it is that which lets the vault be erased. */
function shortening({ by, at, replaced }: Initiation): string[] {
  if (replaced === undefined) {
    return [];
  }
  const { from, to, rule, basis, until } = replaced;
  const before = `${from.policyId} ${from.policyVersion}`;
  const end = until === null ? '' : ` Its end was ${dayOf(until)}.`;
  return [
    `Changed: until ${dayOf(at)} it had policy ${before}, under which the answer would be: ` +
      `${LAW_RULES[rule]} (${listCited(basis)})${end} ` +
      `${by} then assigned it ${to.policyId} ${to.policyVersion}.`,
  ];
}

function approval({ plan: { approvals, hash } }: PlanFacts): string {
  const people = approvals === 1 ? 'one other person approves' : `${approvals} others approve`;
  return `It begins when ${people} the plan ${hash}.`;
}

function dayOf(instant: string): string {
  return instant.slice(0, 10);
}
