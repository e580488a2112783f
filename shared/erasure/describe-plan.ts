import type { ErasurePlanAnswer } from '../admin-api/erasure-answers.ts';
import { listCited } from '../domain/cited-law.ts';
import { countOf } from '../domain/count-of.ts';
import type { Initiation } from '../domain/erasure-records.ts';
import { tierOf } from '../domain/key-tier.ts';
import { LAW_RULES } from '../domain/law-rules.ts';
import { formatLocalDate } from '../domain/local-date.ts';
import { dayAt } from '../domain/time-zone.ts';
import { describeStatements } from './describe-statements.ts';

type PlanFacts = Omit<ErasurePlanAnswer, 'says'>;

/**
 * @param timeZone - the policy's: by its clocks the law counts days.
 * @returns a plan in sentences: who asked, what is stated, what the law says to it, what is
 * destroyed, what is kept, for how long, by whom.
 */
export function describePlan(facts: PlanFacts, timeZone: string): string[] {
  const { decision, request, statements } = facts;
  const { outcome } = decision;
  const asked = [
    ...(request === null ? [] : [`Asked for by ${request.by}: ${request.reason}`]),
    `States: ${describeStatements(statements)}.`,
    `${LAW_RULES[decision.rule]} (${listCited(decision.basis)})`,
  ];
  if (outcome !== 'erase' && outcome !== 'restrict') {
    return [...asked, 'Nothing is destroyed, and everything is kept as it is.'];
  }
  return [
    ...asked,
    ...(statements.concerns === 'part' ? [wholeVault(outcome)] : []),
    ...(outcome === 'restrict' ? [restriction(facts, timeZone)] : []),
    ...destruction(facts, timeZone),
    ciphertext(facts, timeZone),
    outOfScope(),
    ...initiation(facts, timeZone),
    approval(facts),
  ];
}

function wholeVault(outcome: 'erase' | 'restrict'): string {
  const done = { erase: 'erased', restrict: 'restricted' }[outcome];
  return `Nothing less than a vault can be ${done}: it is ${done} as a whole, not the part alone.`;
}

function restriction({ decision: { until } }: PlanFacts, timeZone: string): string {
  const end =
    until === null
      ? 'for ever'
      : `to the end of ${lastDayBefore(until, timeZone)}, and erased by itself on ` +
        dayOf(until, timeZone);
  return `Restricted: both keys are disabled; it is kept, readable for nobody, ${end}.`;
}

function destruction({ decision, plan }: PlanFacts, timeZone: string): string[] {
  if (decision.outcome === 'restrict' && decision.until === null) {
    return [];
  }
  const { keys, snapshots, packs, objects, bytes, graceDays, windowDays } = plan;
  const grace = decision.until ?? null;
  const start =
    grace === null
      ? `both keys are disabled at once, and after ${countOf(graceDays, 'day')} their deletion ` +
        'is scheduled'
      : `on ${dayOf(grace, timeZone)} the deletion of both keys is scheduled`;
  const destroyed =
    tierOf(keys) === 'dedicated'
      ? 'AWS destroys them'
      : 'Holdfast deletes their entries, the weaker proof of the tier shared-root,';
  return [
    `Destroyed: the keys ${keys.primary} and ${keys.secondary}, and with them ` +
      `${countOf(snapshots, 'snapshot')} in ${countOf(packs, 'pack')}, ` +
      `${countOf(objects, 'object')} of ${countOf(bytes, 'byte')} in each copy.`,
    `How: ${start}; ${destroyed} ${countOf(windowDays, 'day')} later. ` +
      'Until then it can be cancelled.',
  ];
}

function ciphertext({ decision, plan }: PlanFacts, timeZone: string): string {
  const { ciphertextUntil } = plan;
  if (ciphertextUntil === null) {
    return 'Ciphertext: there is none.';
  }
  const what = 'Ciphertext: what nobody can read any more stays locked in both copies';
  if (decision.outcome === 'erase') {
    const end = dayOf(ciphertextUntil, timeZone);
    return `${what} until ${end}, or longer if its locks are renewed before the keys are gone.`;
  }
  // Its locks are renewed for as long as it is kept.
  const { until } = decision;
  const last = until === null || until > ciphertextUntil ? until : ciphertextUntil;
  return `${what} ${last === null ? 'for ever' : `at least until ${dayOf(last, timeZone)}`}.`;
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

function initiation({ plan: { initiatedBy } }: PlanFacts, timeZone: string): string[] {
  const acts = initiatedBy.map(({ act, by, at }) => `${by} ${ACTS[act]} on ${dayOf(at, timeZone)}`);
  return acts.length === 0
    ? []
    : [
        ...initiatedBy.flatMap((one) => shortening(one, timeZone)),
        `Brought about: ${acts.join('; ')}. Who alone did this cannot approve it.`,
      ];
}

/** The approver decides on the policy as well, when it is that which lets the vault be erased. */
function shortening({ by, at, replaced }: Initiation, timeZone: string): string[] {
  if (replaced === undefined) {
    return [];
  }
  const { from, to, rule, basis, until } = replaced;
  const before = `${from.policyId} ${from.policyVersion}`;
  const end = until === null ? '' : ` Its end was ${lastDayBefore(until, timeZone)}.`;
  return [
    `Changed: until ${dayOf(at, timeZone)} it had policy ${before}, under which the answer ` +
      'would be: ' +
      `${LAW_RULES[rule]} (${listCited(basis)})${end} ` +
      `${by} then assigned it ${to.policyId} ${to.policyVersion}.`,
  ];
}

function approval({ plan: { approvals, hash } }: PlanFacts): string {
  const people = approvals === 1 ? 'one other person approves' : `${approvals} others approve`;
  return `It begins when ${people} the plan ${hash}.`;
}

/** In the zone's own days: local midnight is the first moment of a day. */
function dayOf(instant: string, timeZone: string): string {
  return formatLocalDate(dayAt(new Date(instant), timeZone));
}

function lastDayBefore(instant: string, timeZone: string): string {
  return formatLocalDate(dayAt(new Date(Date.parse(instant) - 1), timeZone));
}
