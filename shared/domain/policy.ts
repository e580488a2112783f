import { type CitedLaw, citeRules } from './cited-law.ts';
import { formatLocalDate } from './local-date.ts';
import { compareTerms } from './period.ts';
import { findRule, type PolicyDocument, policyDocument } from './policy-document.ts';
import {
  doubtsOf,
  GRADES,
  type Grade,
  isDuty,
  type RetentionPreset,
  termOf,
} from './retention-preset.ts';
import { localDateAt } from './time-zone.ts';

/**
 * What a firm decided about one class of records. Whether a vault may be erased, its role and its
 * legal rules decide (`law-table.ts`).
 */
export interface Policy extends PolicyDocument {
  /** The longest duty to keep among its rules; `null` when no law asks for any time. */
  readonly statute: Statute | null;
}

/** What the law asks for: the longest of its periods, and every duty. */
export interface Statute {
  /** ISO 8601 period, or `PERMANENT`. */
  readonly period: string;
  /** The weakest grade among the rules of that period; see `GRADE_MEANINGS`. */
  readonly grade: Grade;
  /** What of that period is unconfirmed, one sentence each; empty when nothing is. */
  readonly doubts: readonly string[];
  /** Each duty, the longest first. */
  readonly duties: readonly Duty[];
}

/** One legal duty to keep. */
export interface Duty {
  readonly ruleId: string;
  readonly period: string;
  readonly grade: Grade;
  readonly doubts: readonly string[];
  readonly basis: readonly CitedLaw[];
}

/** Beijing time: the presets of China count its days. */
const CHINA = { timeZone: 'Asia/Shanghai', fiscalYearEnd: { month: 12, day: 31 } } as const;

/** A year after the law was looked up; older research is not to be trusted unread. */
const REVIEW_BY = '2027-11-23';

/** Five weeks of daily points, and none that is older. */
const FIVE_WEEKS = { hourly: 0, daily: 35, weekly: 0, monthly: 0, yearly: 0 } as const;

const DAILY = {
  backup: { everyHours: 24, rpoHours: 48 },
  drillEveryDays: null,
  residency: null,
} as const;

/**
 * For what may have to be deleted any day: a lock ends soon after the keys are destroyed. It covers
 * a daily point to its end, so that only what lives on is extended.
 */
const SHORT_LOCK = { mode: 'rolling', minimumDays: 14, horizonDays: 36, gridDays: 7 } as const;

/** One other person approves; nobody takes a key away from outside. */
const GUARDED = { approvals: 1, undoForeignKeyEvents: true } as const;

/** The policies this version ships, each as version 1. A firm adds its own, and later versions. */
export const BUILT_IN_POLICIES: readonly Policy[] = [
  {
    id: 'engagement-10y',
    version: 1,
    title: "The agency's own engagement files, kept 10 years",
    rules: ['cn-tax-engagement-10y'],
    reviewBy: REVIEW_BY,
    ...CHINA,
    role: 'controller',
    ...DAILY,
    // What was deleted by mistake can be had back for years; no point outlives the ten of the law.
    snapshots: { keep: { ...FIVE_WEEKS, monthly: 12, yearly: 9 } },
    lock: { mode: 'rolling', minimumDays: 30, horizonDays: 90, gridDays: 7 },
    lingerDays: 90,
    erasure: { graceDays: 3, windowDays: 7, ...GUARDED },
  },
  {
    id: 'accounting-30y',
    version: 1,
    title: "A client's vouchers and ledgers, kept 30 years by the client",
    // The same papers are tax papers too: 10 years, and the later end wins.
    rules: ['cn-acct-voucher-30y', 'cn-acct-ledger-30y', 'cn-tax-document-10y'],
    reviewBy: REVIEW_BY,
    ...CHINA,
    role: 'processor',
    ...DAILY,
    // A year back, and no further: the books are the client's.
    snapshots: { keep: { ...FIVE_WEEKS, monthly: 12 } },
    lock: SHORT_LOCK,
    lingerDays: 90,
    erasure: { graceDays: 7, windowDays: 30, ...GUARDED },
  },
  {
    id: 'consent-only',
    version: 1,
    title: 'Personal data kept only on consent or contract',
    rules: ['cn-pi-consent'],
    reviewBy: REVIEW_BY,
    ...CHINA,
    role: 'controller',
    ...DAILY,
    snapshots: { keep: FIVE_WEEKS },
    lock: SHORT_LOCK,
    lingerDays: 30,
    erasure: { graceDays: 0, windowDays: 7, ...GUARDED },
  },
].map(readPolicy);

/**
 * Reads a policy from its document.
 * @throws ZodError naming each field that is wrong, unknown fields among them.
 */
export function readPolicy(document: unknown): Policy {
  const policy = policyDocument.parse(document);
  return { ...policy, statute: statuteOf(policy) };
}

/** @returns the built-in policy of that id, or `undefined`. */
export function findBuiltIn(policyId: string): Policy | undefined {
  return BUILT_IN_POLICIES.find((policy) => policy.id === policyId);
}

/** @returns whether the day by which somebody was to look at the law again has passed. */
export function isReviewOverdue(
  { reviewBy, timeZone }: Pick<Policy, 'reviewBy' | 'timeZone'>,
  now: Date,
): boolean {
  // Both are written year first.
  return formatLocalDate(localDateAt(now, timeZone)) > reviewBy;
}

/** @returns the legal rules a policy stands on, in the order of the document. */
export function rulesOf({ rules }: Pick<Policy, 'rules'>): RetentionPreset[] {
  return rules.flatMap((rule) => findRule(rule) ?? []);
}

function statuteOf(policy: Pick<Policy, 'rules'>): Statute | null {
  const rules = rulesOf(policy)
    .filter(isDuty)
    .toSorted((left, right) => compareTerms(termOf(right), termOf(left)));
  const duties = rules.map((rule): Duty => {
    const { id: ruleId, period, grade } = rule;
    return { ruleId, period, grade, doubts: doubtsOf(rule), basis: citeRules([rule]) };
  });
  const [longest] = duties;
  if (longest === undefined) {
    return null;
  }
  const equal = duties.filter(({ period }) => period === longest.period);
  const weakest = Math.max(...equal.map(({ grade }) => GRADES.indexOf(grade)));
  return {
    period: longest.period,
    grade: GRADES[weakest] ?? longest.grade,
    doubts: [...new Set(equal.flatMap((duty) => duty.doubts))],
    duties,
  };
}
