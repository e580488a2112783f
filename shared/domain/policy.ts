/**
 * What a firm decided about one class of records. This version uses the backup interval, the
 * number of days a snapshot is kept, the lock grid and the erasing process; the statutory period
 * is shown wherever the policy is, and does not yet decide anything.
 */
export interface Policy {
  /** Short stable name, such as `engagement-10y`. */
  readonly id: string;
  readonly title: string;
  readonly statute: Statute | null;
  readonly backup: {
    /** Hours between scheduled backups. */
    readonly everyHours: number;
  };
  readonly snapshots: {
    /** Days a snapshot is kept, and so locked, from its creation. */
    readonly keepDays: number;
  };
  readonly lock: {
    /**
     * Locks end on multiples of this many days since 1970-01-01, so that they are extended rarely.
     */
    readonly gridDays: number;
  };
  readonly erasure: {
    /** Days between disabling the keys and scheduling their deletion. */
    readonly graceDays: number;
    /** KMS waiting period in days, 7 to 30 (KMS ScheduleKeyDeletion, PendingWindowInDays). */
    readonly windowDays: number;
  };
}

/** A legal duty to keep. */
export interface Statute {
  /** ISO 8601 period, or `PERMANENT`. */
  readonly period: string;
  readonly basis: readonly string[];
  /**
   * How well the rule is confirmed: A full article read in a mirror of the statute, B wording seen,
   * C secondary description, U general knowledge.
   */
  readonly confirmed: 'A' | 'B' | 'C' | 'U';
}

/** The policies this version ships. A vault names one of them by id. */
export const BUILT_IN_POLICIES: readonly Policy[] = [
  {
    id: 'engagement-10y',
    title: "The agency's own engagement files, kept 10 years",
    statute: {
      period: 'P10Y',
      basis: ['涉税专业服务基本准则(试行) 25, 26'],
      confirmed: 'B',
    },
    backup: { everyHours: 24 },
    snapshots: { keepDays: 35 },
    lock: { gridDays: 7 },
    erasure: { graceDays: 3, windowDays: 7 },
  },
  {
    id: 'accounting-30y',
    title: "A client's vouchers and ledgers, kept 30 years by the client",
    statute: {
      period: 'P30Y',
      basis: ['会计法 23', '会计档案管理办法 14, 附表'],
      confirmed: 'C',
    },
    backup: { everyHours: 24 },
    snapshots: { keepDays: 35 },
    lock: { gridDays: 7 },
    erasure: { graceDays: 7, windowDays: 30 },
  },
  {
    id: 'consent-only',
    title: 'Personal data kept only on consent or contract',
    statute: null,
    backup: { everyHours: 24 },
    snapshots: { keepDays: 35 },
    lock: { gridDays: 7 },
    erasure: { graceDays: 0, windowDays: 7 },
  },
];

/** @returns the built-in policy of that id, or `undefined`. */
export function findPolicy(policyId: string): Policy | undefined {
  return BUILT_IN_POLICIES.find((policy) => policy.id === policyId);
}
