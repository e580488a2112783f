import { ZodError } from 'zod';
import type { SnapshotAnswer } from '../shared/admin-api/answers.ts';
import { describeProblems } from '../shared/admin-api/describe-problems.ts';
import type { InstallationAnswer } from '../shared/admin-api/installation-answer.ts';
import { marked } from '../shared/domain/cited-law.ts';
import { COPY_NAMES } from '../shared/domain/copy-name.ts';
import { type CostEstimate, estimateCost, yearsOf } from '../shared/domain/cost-estimate.ts';
import type { KeyTier } from '../shared/domain/key-tier.ts';
import { PERMANENT } from '../shared/domain/period.ts';
import type { Policy, Statute } from '../shared/domain/policy.ts';
import {
  PRICE_LIST,
  type PriceList,
  priceGradeMeans,
  pricesFor,
  readPriceList,
} from '../shared/domain/price-list.ts';
import type { SourceSize } from '../shared/domain/vault-usage.ts';
import { usageError } from './cli-error.ts';
import { readJsonFile } from './read-json-file.ts';
import { count, facts, lines, size, table } from './render.ts';

const DAY_MS = 86_400_000;

/** An estimate with what it stands on. */
export interface ShownEstimate extends CostEstimate {
  readonly policyId: string;
  readonly policyVersion: number;
  /** What sets its years; `null` when a person chose them, or no law names a number. */
  readonly statute: Statute | null;
  readonly source: SourceSize;
  /** Where the prices come from, for each Region. */
  readonly prices: readonly {
    readonly region: string;
    readonly asOf: string;
    readonly grade: string;
    readonly source: string;
  }[];
}

/**
 * @param years - default: as long as the law asks to keep.
 * @param tier - default: `dedicated`.
 * @throws HoldfastError `PRICES_UNKNOWN`, `CURRENCIES_DIFFER`.
 */
export function estimateVault(
  policy: Policy,
  { regions }: Pick<InstallationAnswer, 'regions'>,
  source: SourceSize,
  {
    list = PRICE_LIST,
    years,
    tier = 'dedicated',
  }: { list?: PriceList; years?: number; tier?: KeyTier } = {},
): ShownEstimate {
  const prices = pricesFor(list, regions);
  return {
    policyId: policy.id,
    policyVersion: policy.version,
    statute: years === undefined && policy.statute?.period !== PERMANENT ? policy.statute : null,
    source,
    prices: COPY_NAMES.map((copy) => ({
      region: regions[copy],
      asOf: prices[copy].asOf,
      grade: `${prices[copy].grade}: ${priceGradeMeans(prices[copy])}`,
      source: prices[copy].source,
    })),
    ...estimateCost(policy, source, prices, { years: years ?? yearsOf(policy), tier }),
  };
}

/** @throws CliError `USAGE` naming each field that is wrong. */
export async function readPriceFile(path: string): Promise<PriceList> {
  const content = await readJsonFile(path);
  try {
    return readPriceList(content);
  } catch (error) {
    if (!(error instanceof ZodError)) {
      throw error;
    }
    const problems = describeProblems(error, 'the price list');
    throw usageError(`The prices in ${path} are not valid: ${problems}.`, 'Correct the file.');
  }
}

/**
 * What a vault's snapshots say of its source: the newest one's size, and how much the others read
 * per day beside it.
 * @param snapshots - newest first.
 * @returns `undefined` when there is none; without a daily change when there is but one.
 */
export function sizeOfSnapshots(
  snapshots: readonly SnapshotAnswer[],
): { records: number; bytes: number; dailyChange?: number } | undefined {
  const [newest, ...older] = snapshots;
  if (newest === undefined) {
    return undefined;
  }
  const { records, bytes } = newest.counts;
  const oldest = older.at(-1);
  const days = (Date.parse(newest.createdAt) - Date.parse(oldest?.createdAt ?? '')) / DAY_MS;
  if (!(days > 0) || bytes === 0) {
    return { records, bytes };
  }
  // What the oldest read came before the days that are counted.
  const read = snapshots.slice(0, -1).reduce((sum, { counts }) => sum + counts.readBytes, 0);
  return { records, bytes, dailyChange: Math.min(1, read / bytes / days) };
}

/** @returns the whole estimate as a table. */
export function describeEstimate(estimate: ShownEstimate): string {
  const { currency, years, source, afterErasure, prices } = estimate;
  const money = (amount: number) => amount.toFixed(2);
  const amount = (number: number) => (number < 10 ? number.toFixed(1) : number.toFixed(0));
  const rows = estimate.lines.map(({ what, unit, first, monthly, total }) => [
    what,
    `${amount(monthly.quantity)} ${unit}`,
    ...[first.cost, monthly.cost, total].map(money),
  ]);
  const sums = [estimate.first, estimate.monthly, estimate.total].map(money);
  const change = `${(source.dailyChange * 100).toFixed(2)} % a day`;
  return (
    facts([
      ['policy', `${estimate.policyId}, version ${estimate.policyVersion}`],
      ['key tier', describeTier(estimate)],
      ['kept for', describeYears(estimate)],
      ['source', `${count(source.records, 'record')}, ${size(source.bytes)}, ${change} changed`],
      ...prices.map(({ region, asOf, grade }): [string, string] => [
        'prices',
        `${region}, ${asOf}, grade ${grade}`,
      ]),
    ]) +
    lines('') +
    table(
      [
        'WHAT',
        'PER MONTH',
        `FIRST ${currency}`,
        `MONTHLY ${currency}`,
        count(years, 'year').toUpperCase(),
      ],
      [...rows, ['together', '', ...sums]],
      '',
    ) +
    lines('', ...afterErasureLines(afterErasure, currency))
  );
}

/** @returns for how long it is: years that the law asks for, never without their grade. */
export function describeYears({
  statute,
  years,
}: Pick<ShownEstimate, 'statute' | 'years'>): string {
  const term = count(years, 'year');
  return statute === null ? term : marked(term, statute);
}

function describeTier({ tier, sharedMonthly, currency }: CostEstimate): string {
  const shared = `its root keys cost ${currency} ${sharedMonthly.toFixed(2)} a month`;
  return sharedMonthly === 0
    ? tier
    : `${tier}; ${shared} for all vaults together, not counted here`;
}

/** @returns what of an estimate an erasure cannot end at once. */
export function afterErasureLines(
  { days, cost }: CostEstimate['afterErasure'],
  currency: string,
): string[] {
  return [
    `After an erasure the ciphertext stays, and is paid for, up to ${count(days, 'day')}: ` +
      `${atMost(cost, currency)}. Nobody can shorten that.`,
  ];
}

function atMost(cost: number, currency: string): string {
  return cost < 0.005 ? `less than ${currency} 0.01` : `${currency} ${cost.toFixed(2)} at most`;
}
