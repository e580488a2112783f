/** One record and the dates its law gives, in Asia/Shanghai with a fiscal year to 31 December. */
export interface RetentionVector {
  readonly record: string;
  readonly presetId: string;
  /** The record's date for year rules, the day of the event otherwise. */
  readonly event: string;
  readonly lastDayKept: string | null;
  /** The local day on which erasing is due. */
  readonly eraseDue: string | null;
}

/** Worked out by hand from the law, not by the code. `docs/retention.md` shows them. */
export const RETENTION_VECTORS: readonly RetentionVector[] = [
  {
    record: 'voucher dated 2025-03-10',
    presetId: 'cn-acct-voucher-30y',
    event: '2025-03-10',
    lastDayKept: '2055-12-31',
    eraseDue: '2056-01-01',
  },
  {
    record: 'monthly report of June 2025',
    presetId: 'cn-acct-interim-report-10y',
    event: '2025-06-30',
    lastDayKept: '2035-12-31',
    eraseDue: '2036-01-01',
  },
  {
    record: 'card of a fixed asset scrapped 2026-03-15',
    presetId: 'cn-acct-fixed-asset-5y',
    event: '2026-03-15',
    lastDayKept: '2031-03-15',
    eraseDue: '2031-03-16',
  },
  {
    record: 'labour contract ended 2026-06-30',
    presetId: 'cn-labour-contract-2y',
    event: '2026-06-30',
    lastDayKept: '2028-06-30',
    eraseDue: '2028-07-01',
  },
  {
    record: 'voucher of a company deregistered 2026-08-20',
    presetId: 'cn-acct-voucher-30y',
    event: '2026-08-20',
    lastDayKept: '2056-12-31',
    eraseDue: '2057-01-01',
  },
  {
    record: 'annual report of 2025',
    presetId: 'cn-acct-annual-report-perm',
    event: '2025-12-31',
    lastDayKept: null,
    eraseDue: null,
  },
];
