/** What a simulation has seen, added up. */
export interface Figures {
  readonly days: number;
  readonly backups: number;
  readonly missedDays: number;
  readonly outageDays: number;
  readonly kills: number;
  readonly holds: number;
  readonly policyChanges: number;
  /** Vaults that were closed. */
  readonly closed: number;
  /** Erasures that people have approved; how many of them came to their end, and a certificate. */
  readonly erasures: number;
  readonly erased: number;
  readonly certified: number;
  readonly ledgersRestored: number;
  /** Most snapshots that were kept at once in all vaults. */
  readonly mostKept: number;
  readonly restores: number;
  readonly comparedObjects: number;
  /** Answers of the copies about single versions that were checked. */
  readonly askedVersions: number;
  readonly removedVersions: number;
  readonly extensions: number;
  /** Most extensions of one object in one copy to one grid point. */
  readonly mostExtensionsPerStep: number;
  /** Days that anything stayed after its lock when nobody needed it any more. */
  readonly longestOverdueDays: number;
  /**
   * Bytes stored by live bytes, in the vault with 1% of daily change: see `liveBytes`. Not
   * measured while a hold or an outage keeps the sweep from its work, and for some time afterwards.
   */
  readonly storedByLive: {
    /** Times that it was measured, for two copies each. */
    readonly samples: number;
    readonly mean: number;
    readonly most: number;
    readonly last: number;
  };
}

/** What may be stored for each byte that a kept snapshot needs, where 1% changes a day. */
export const MOST_STORED = 1.3;

/** Days that one Region is down at a stretch. */
const LONG_OUTAGE_DAYS = 30;

/** What must befall in a year at least once. */
const MUST_BEFALL = [
  ...(['kills', 'missedDays', 'ledgersRestored'] as const),
  ...(['holds', 'policyChanges', 'closed', 'erasures', 'removedVersions'] as const),
] as const;

/** Days within which there must have been calm enough to measure what is stored. */
const DECADE_DAYS = 3650;

/** @returns what has not befallen in a year or more, or was more than it may be, in words. */
export function shortcomings(figures: Figures): string[] {
  const { days, outageDays, mostExtensionsPerStep, storedByLive } = figures;
  const { erasures, erased, certified } = figures;
  const isUnmeasured = days >= DECADE_DAYS && storedByLive.samples === 0;
  const problems: readonly (readonly [boolean, string])[] = [
    ...MUST_BEFALL.map((name) => [figures[name] === 0, `no ${name}`] as const),
    [outageDays < LONG_OUTAGE_DAYS, 'no Region was down for a month'],
    [erased < erasures, `${erased} of ${erasures} erasures came to their end`],
    [certified < erasures, `${certified} of ${erasures} erasures were certified`],
    [mostExtensionsPerStep !== 1, `${mostExtensionsPerStep} extensions to one step`],
    [isUnmeasured, 'what is stored was never measured'],
    [storedByLive.most > MOST_STORED, `${storedByLive.most} bytes for a live byte`],
  ];
  return problems.flatMap(([isWrong, says]) => (isWrong ? [says] : []));
}

/** @returns the figures as lines of text. */
export function describeFigures(figures: Figures): string {
  const lines = Object.entries(figures).map(([name, value]) => `  ${name}: ${textOf(value)}`);
  return lines.join('\n');
}

function textOf(value: number | Figures['storedByLive']): string {
  if (typeof value === 'number') {
    return String(Math.round(value * 100) / 100);
  }
  const { samples, mean, most, last } = value;
  if (samples === 0) {
    return 'never calm for long enough to be measured';
  }
  return `${samples} samples, mean ${mean.toFixed(2)}, most ${most.toFixed(2)}, last ${last.toFixed(2)}`;
}
