import { type CitedLaw, citeArticle, citeRules } from './cited-law.ts';
import type { LawDecision, LawRule } from './erasure-records.ts';
import type { LocalDate } from './local-date.ts';
import { type Policy, rulesOf } from './policy.ts';
import { retentionOf } from './retention.ts';
import { clockStartOf, isDuty, type RetentionPreset } from './retention-preset.ts';

/** What is known of a vault when somebody asks to erase it. */
export interface LawFacts {
  readonly now: Date;
  /** Legal holds in force. */
  readonly holds: number;
  readonly policy: Pick<Policy, 'role' | 'rules' | 'timeZone' | 'fiscalYearEnd'>;
  /** What starts the statutory clock; `null` when nobody said. */
  readonly event: LocalDate | null;
  /** The contract with the client is over, or the consent that was the ground is withdrawn. */
  readonly contractEnded: boolean;
  /** The client asked for its records. */
  readonly returnAsked: boolean;
  /** The client has got them. */
  readonly returned: boolean;
  /** Whether the request is about the whole vault, or one person's part of it. */
  readonly concerns: 'vault' | 'part';
}

/**
 * Decides a request to erase by the law; the first row that applies wins. Research, not legal
 * advice: `docs/retention.md` says how far each article was confirmed.
 */
export function decideByLaw(facts: LawFacts): LawDecision {
  const { policy, contractEnded } = facts;
  if (facts.holds > 0) {
    return decided('refuse', 'held', ['OPEN_MATTERS', 'LEGAL_CLAIMS']);
  }
  const duties = rulesOf(policy).filter(isDuty);
  if (policy.role === 'processor' && contractEnded) {
    const mustReturn = facts.returnAsked || duties.length > 0;
    return mustReturn && !facts.returned
      ? decided('return-first', 'processor-return', ['PROCESSOR_RETURNS'])
      : decided('erase', 'processor-erase', ['PROCESSOR_RETURNS']);
  }
  const period = statutoryPeriod(facts, duties);
  if (policy.role === 'controller' && period.runs !== false) {
    return period.runs === 'unknown'
      ? decided('keep', 'start-unknown', ['PERIOD_RUNS', ...period.basis])
      : decided('restrict', 'statutory-period', ['PERIOD_RUNS', ...period.basis], period.end);
  }
  if (facts.concerns === 'part') {
    return decided('keep', 'part-of-file', ['ERASURE']);
  }
  if (policy.role === 'controller' && duties.length === 0 && contractEnded) {
    return decided('erase', 'consent-ended', ['GROUND_ENDED']);
  }
  if (duties.length > 0 && period.runs === false) {
    const listed = duties.some(({ atEnd }) => atEnd === 'APPRAISE_THEN_ERASE');
    const witnessed = listed ? ['DESTRUCTION_LIST' as const] : [];
    return decided('erase', 'period-over', ['PERIOD_OVER', ...period.basis, ...witnessed]);
  }
  return decided('keep', 'no-ground', ['REASONED_ANSWER']);
}

interface StatutoryPeriod {
  /** `unknown`: it has a length, and no day from which it counts. */
  readonly runs: boolean | 'unknown';
  /** Its end; `null` when it never ends, or is not known. */
  readonly end: string | null;
  /** What sets it, the rule that decides first. */
  readonly basis: readonly CitedLaw[];
}

function statutoryPeriod(facts: LawFacts, duties: readonly RetentionPreset[]): StatutoryPeriod {
  const permanent = duties.filter((duty) => clockStartOf(duty) === 'never');
  const event = facts.event;
  if (permanent.length > 0) {
    return { runs: true, end: null, basis: citeRules([...permanent, ...duties]) };
  }
  if (duties.length === 0) {
    return { runs: false, end: null, basis: [] };
  }
  if (event === null) {
    return { runs: 'unknown', end: null, basis: citeRules(duties) };
  }
  const { eraseDue, because } = retentionOf({ ...facts.policy, rules: duties }, event);
  const latestFirst = because.map(({ preset }) => preset);
  const runs = eraseDue === null || eraseDue > facts.now;
  return { runs, end: eraseDue?.toISOString() ?? null, basis: citeRules(latestFirst) };
}

function decided(
  outcome: LawDecision['outcome'],
  rule: LawRule,
  basis: readonly (CitedLaw | Parameters<typeof citeArticle>[0])[],
  until: string | null = null,
): LawDecision {
  const cited = basis.map((law) => (typeof law === 'string' ? citeArticle(law) : law));
  return { outcome, rule, basis: cited, until };
}
