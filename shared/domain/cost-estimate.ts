import type { PerCopy } from './copy-name.ts';
import { KEY_USE, type KeyTier } from './key-tier.ts';
import { parseTerm } from './period.ts';
import type { Policy } from './policy.ts';
import { lockReachDays } from './policy-locks.ts';
import type { RegionPrices } from './price-list.ts';
import { type SourceSize, type Usage, vaultUsage } from './vault-usage.ts';

/** One kind of cost. Amounts are in the currency of the estimate. */
export interface CostLine {
  readonly what: string;
  /** What is counted in `first` and `monthly`. */
  readonly unit: string;
  /** For the first backup. */
  readonly first: { readonly quantity: number; readonly cost: number };
  readonly monthly: { readonly quantity: number; readonly cost: number };
  /** Over the whole period. */
  readonly total: number;
}

/** What a vault will cost, both copies and everything it uses together. */
export interface CostEstimate {
  readonly currency: string;
  readonly years: number;
  readonly tier: KeyTier;
  /** For KMS keys that all vaults of the tier have together; in no line and in no sum. */
  readonly sharedMonthly: number;
  readonly lines: readonly CostLine[];
  readonly first: number;
  readonly monthly: number;
  readonly total: number;
  /** What erasing cannot end at once: ciphertext stays until its lock ends. */
  readonly afterErasure: { readonly days: number; readonly cost: number };
}

const MONTHS_PER_YEAR = 12;
const DAYS_PER_MONTH = 365.2425 / MONTHS_PER_YEAR;
const GIB = 1024 ** 3;

/** Taken when the law names no number of years. */
const DEFAULT_YEARS = 10;

/** @returns for how many years a vault of a policy is likely to be kept: as the law asks. */
export function yearsOf({ statute }: Pick<Policy, 'statute'>): number {
  const term = statute === null ? undefined : parseTerm(statute.period);
  return typeof term === 'object' ? term.years + term.months / MONTHS_PER_YEAR : DEFAULT_YEARS;
}

/**
 * Estimates what a vault costs, before its first byte is written. Free tiers and discounts are left
 * out, and storage counts as full from the first month on: real bills are lower.
 */
export function estimateCost(
  policy: Policy,
  source: SourceSize,
  prices: PerCopy<RegionPrices>,
  { years, tier }: { years: number; tier: KeyTier },
): CostEstimate {
  const usage = vaultUsage(policy, source, { years, tier });
  const months = years * MONTHS_PER_YEAR;
  const lines = [...KEY_LINES[tier], ...LINES].map(({ what, unit, quantity, cost }): CostLine => {
    const [first, monthly] = [usage.first, usage.monthly].map((used) => ({
      quantity: quantity(used),
      cost: cost(used, prices),
    })) as [CostLine['first'], CostLine['monthly']];
    return { what, unit, first, monthly, total: first.cost + monthly.cost * months };
  });
  const sum = (pick: (line: CostLine) => number) =>
    lines.reduce((all, line) => all + pick(line), 0);
  const stored = lines.filter(({ what }) => STORAGE.includes(what));
  const days = lockReachDays(policy);
  const storedMonthly = stored.reduce((all, { monthly }) => all + monthly.cost, 0);
  return {
    currency: prices.primary.currency,
    years,
    tier,
    sharedMonthly:
      KEY_USE[tier].keysPerInstallation * (prices.primary.keyMonth + prices.secondary.keyMonth),
    lines,
    first: sum(({ first }) => first.cost),
    monthly: sum(({ monthly }) => monthly.cost),
    total: sum(({ total }) => total),
    afterErasure: { days, cost: (storedMonthly * days) / DAYS_PER_MONTH },
  };
}

interface LineRule {
  readonly what: string;
  readonly unit: string;
  readonly quantity: (usage: Usage) => number;
  readonly cost: (usage: Usage, prices: PerCopy<RegionPrices>) => number;
}

const STORAGE = ['storage, primary copy', 'storage, secondary copy'];

/** A cost that each copy's Region charges for itself. */
function perCopy(
  what: string,
  unit: string,
  quantity: (usage: Usage, copy: 'primary' | 'secondary') => number,
  cost: (amount: number, prices: RegionPrices) => number,
): LineRule {
  return {
    what,
    unit,
    quantity: (usage) => quantity(usage, 'primary') + quantity(usage, 'secondary'),
    cost: (usage, { primary, secondary }) =>
      cost(quantity(usage, 'primary'), primary) + cost(quantity(usage, 'secondary'), secondary),
  };
}

const writes = (count: number, { writesPer1000 }: RegionPrices) => (count * writesPer1000) / 1_000;
const reads = (count: number, { readsPer1000 }: RegionPrices) => (count * readsPer1000) / 1_000;

/** A branch key lies in a table of its Region, and is read with each request of KMS. */
const KEY_LINES: Readonly<Record<KeyTier, readonly LineRule[]>> = {
  dedicated: [
    perCopy(
      'keys, one in each Region',
      'keys',
      ({ keys }) => keys,
      (count, { keyMonth }) => count * keyMonth,
    ),
  ],
  'shared-root': [
    perCopy(
      'branch keys, reading',
      'units',
      ({ keyStoreReads }, copy) => keyStoreReads[copy],
      (count, { ledgerReadsPerMillion }) => (count * ledgerReadsPerMillion) / 1_000_000,
    ),
    perCopy(
      'branch keys, storage',
      'GiB',
      ({ keyStoreBytes }) => keyStoreBytes / GIB,
      (gib, { ledgerGbMonth }) => gib * ledgerGbMonth,
    ),
  ],
};

const LINES: readonly LineRule[] = [
  ...(['primary', 'secondary'] as const).map(
    (copy): LineRule => ({
      what: `storage, ${copy} copy`,
      unit: 'GiB',
      quantity: ({ copies }) => copies[copy].storedBytes / GIB,
      cost: ({ copies }, prices) => (copies[copy].storedBytes / GIB) * prices[copy].storageGbMonth,
    }),
  ),
  perCopy('writing', 'requests', ({ copies }, copy) => copies[copy].writes, writes),
  perCopy('extending locks', 'requests', ({ copies }, copy) => copies[copy].lockExtensions, writes),
  perCopy('reading and checking', 'requests', ({ copies }, copy) => copies[copy].reads, reads),
  perCopy(
    'transfer between Regions',
    'GiB',
    ({ transferBytes }, copy) => transferBytes[copy] / GIB,
    (gib, { transferGb }) => gib * transferGb,
  ),
  perCopy(
    'key requests',
    'requests',
    ({ keyRequests }, copy) => keyRequests[copy],
    (count, { keyRequestsPer10000 }) => (count * keyRequestsPer10000) / 10_000,
  ),
  // The ledger has a replica in the other Region, which is written and kept like itself.
  perCopy(
    'ledger, writing',
    'units',
    ({ ledgerWrites }) => ledgerWrites,
    (count, { ledgerWritesPerMillion }) => (count * ledgerWritesPerMillion) / 1_000_000,
  ),
  {
    what: 'ledger, reading',
    unit: 'units',
    quantity: ({ ledgerReads }) => ledgerReads,
    cost: ({ ledgerReads }, { primary }) =>
      (ledgerReads * primary.ledgerReadsPerMillion) / 1_000_000,
  },
  perCopy(
    'ledger, storage',
    'GiB',
    ({ ledgerBytes }) => ledgerBytes / GIB,
    (gib, { ledgerGbMonth }) => gib * ledgerGbMonth,
  ),
  {
    what: 'computing',
    unit: 'GB-seconds',
    quantity: ({ computeGbSeconds }) => computeGbSeconds,
    cost: ({ computeGbSeconds }, { primary }) => computeGbSeconds * primary.computeGbSecond,
  },
  {
    what: 'steps of the pipeline',
    unit: 'transitions',
    quantity: ({ steps }) => steps,
    cost: ({ steps }, { primary }) => (steps * primary.stepsPer1000) / 1_000,
  },
  {
    what: 'reading the source',
    unit: 'requests',
    quantity: ({ sourceWrites, sourceReads }) => sourceWrites + sourceReads,
    cost: ({ sourceWrites, sourceReads }, { primary }) =>
      writes(sourceWrites, primary) + reads(sourceReads, primary),
  },
];
