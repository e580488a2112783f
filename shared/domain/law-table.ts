import type { LawDecision, LawRule } from './erasure-records.ts';
import type { LocalDate } from './local-date.ts';
import { type Policy, rulesOf } from './policy.ts';
import { retentionOf } from './retention.ts';
import { cite, clockStartOf, isDuty, type RetentionPreset } from './retention-preset.ts';

/** What is known of a vault when somebody asks to erase it. */
export interface LawFacts {
  readonly now: Date;
  /** Legal holds in force. */
  readonly holds: number;
  readonly policy: Pick<Policy, 'role' | 'rules' | 'timeZone' | 'fiscalYearEnd'>;
  /** What starts the statutory clock; `null` when nobody said. */
  readonly event: LocalDate | null;
  /** The contract with the client is over. */
  readonly contractEnded: boolean;
  /** The client asked for its records. */
  readonly returnAsked: boolean;
  /** The client has got them. */
  readonly returned: boolean;
  /** Whether the request is about the whole vault, or one person's part of it. */
  readonly concerns: 'vault' | 'part';
}

const PIPL = '个人信息保护法';
const ARCHIVES = '会计档案管理办法';

/**
 * Decides a request to erase by the law; the first row that applies wins. Research, not legal
 * advice: `docs/retention.md` says how far each article was confirmed.
 */
export function decideByLaw(facts: LawFacts): LawDecision {
  const { policy, contractEnded } = facts;
  if (facts.holds > 0) {
    return decided('refuse', 'held', [`${ARCHIVES} 19`, 'GDPR 17(3)(e)']);
  }
  const duties = rulesOf(policy).filter(isDuty);
  if (policy.role === 'processor' && contractEnded) {
    const mustReturn = facts.returnAsked || duties.length > 0;
    return mustReturn && !facts.returned
      ? decided('return-first', 'processor-return', [`${PIPL} 21(2)`])
      : decided('erase', 'processor-erase', [`${PIPL} 21(2)`]);
  }
  const period = statutoryPeriod(facts, duties);
  if (policy.role === 'controller' && period.runs !== false) {
    return period.runs === 'unknown'
      ? decided('keep', 'start-unknown', [`${PIPL} 47(2)`, ...period.basis])
      : decided('restrict', 'statutory-period', [`${PIPL} 47(2)`, ...period.basis], period.end);
  }
  if (policy.role === 'controller' && duties.length === 0 && facts.concerns === 'vault') {
    return decided('erase', 'consent-ended', [`${PIPL} 47(1)`]);
  }
  if (duties.length > 0 && period.runs === false) {
    const listed = duties.some(({ atEnd }) => atEnd === 'APPRAISE_THEN_ERASE');
    const witnessed = listed ? [`${ARCHIVES} 18`] : [];
    return decided('erase', 'period-over', [`${PIPL} 47(1)(2)`, ...period.basis, ...witnessed]);
  }
  return facts.concerns === 'part'
    ? decided('keep', 'part-of-file', [`${PIPL} 47`])
    : decided('keep', 'no-ground', [`${PIPL} 50`]);
}

interface StatutoryPeriod {
  /** `unknown`: it has a length, and no day from which it counts. */
  readonly runs: boolean | 'unknown';
  /** Its end; `null` when it never ends, or is not known. */
  readonly end: string | null;
  readonly basis: readonly string[];
}

function statutoryPeriod(facts: LawFacts, duties: readonly RetentionPreset[]): StatutoryPeriod {
  const permanent = duties.filter((duty) => clockStartOf(duty) === 'never');
  const event = facts.event;
  if (permanent.length > 0) {
    return { runs: true, end: null, basis: articlesOf(permanent) };
  }
  if (duties.length === 0) {
    return { runs: false, end: null, basis: [] };
  }
  if (event === null) {
    return { runs: 'unknown', end: null, basis: articlesOf(duties) };
  }
  const rules = duties.map(({ id }) => id);
  const { eraseDue, because } = retentionOf({ ...facts.policy, rules }, event);
  const deciding = because.filter(({ decides }) => decides).map(({ preset }) => preset);
  const runs = eraseDue === null || eraseDue > facts.now;
  return { runs, end: eraseDue?.toISOString() ?? null, basis: articlesOf(deciding) };
}

/** @returns the articles that rules stand on, as they are cited, each once. */
export function articlesOf(presets: readonly RetentionPreset[]): string[] {
  return [...new Set(presets.flatMap(({ basis }) => basis.map(cite)))];
}

function decided(
  outcome: LawDecision['outcome'],
  rule: LawRule,
  basis: readonly string[],
  until: string | null = null,
): LawDecision {
  return { outcome, rule, basis, until };
}
