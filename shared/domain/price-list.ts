import { z } from 'zod';
import type { PerCopy } from './copy-name.ts';
import { HoldfastError } from './errors.ts';
import { localDateText } from './local-date.ts';
import list from './price-list.json' with { type: 'json' };

/** GB are those of AWS's bills: 2^30 bytes. */
const price = z.number().min(0);

const regionPrices = z.strictObject({
  /** ISO 4217. Both Regions of an installation must have the same. */
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency such as USD'),
  /** When the prices held. */
  asOf: localDateText,
  grade: z.enum(['C', 'U', 'own']).default('own'),
  source: z.string().min(1),
  /** S3 Standard, its first 50 TB. */
  storageGbMonth: price,
  /** S3 PUT, COPY, POST and LIST, and the extension of a lock. */
  writesPer1000: price,
  /** S3 GET and HEAD. */
  readsPer1000: price,
  /** Data that leaves the Region for the installation's other one. */
  transferGb: price,
  /** A KMS key for a month. */
  keyMonth: price,
  keyRequestsPer10000: price,
  /** DynamoDB on demand, request units. */
  ledgerWritesPerMillion: price,
  ledgerReadsPerMillion: price,
  /** DynamoDB storage with its point-in-time recovery. */
  ledgerGbMonth: price,
  /** Lambda on arm64. */
  computeGbSecond: price,
  /** Step Functions, transitions of a standard workflow. */
  stepsPer1000: price,
});

const priceList = z.strictObject({
  collectedOn: localDateText.optional(),
  grades: z.record(z.string(), z.string()).optional(),
  regions: z.record(z.string(), regionPrices),
});

/** What one Region charges, in units of its currency. */
export type RegionPrices = Readonly<z.infer<typeof regionPrices>>;
/** Prices by Region. */
export type PriceList = z.infer<typeof priceList>;

/** The prices this version ships; dated, and none read from AWS itself. */
export const PRICE_LIST: PriceList = priceList.parse(list);

/**
 * Reads a price list that somebody wrote. Its Regions replace those of the list that is shipped.
 * @throws ZodError naming each field that is wrong, unknown fields among them.
 */
export function readPriceList(content: unknown): PriceList {
  const own = priceList.parse(content);
  return { ...PRICE_LIST, ...own, regions: { ...PRICE_LIST.regions, ...own.regions } };
}

/**
 * @returns the prices of both Regions.
 * @throws HoldfastError `PRICES_UNKNOWN` when the list lacks one, `CURRENCIES_DIFFER`.
 */
export function pricesFor(
  { regions }: PriceList,
  { primary, secondary }: PerCopy<string>,
): PerCopy<RegionPrices> {
  const of = (region: string): RegionPrices => {
    const prices = regions[region];
    if (prices === undefined) {
      throw new HoldfastError('PRICES_UNKNOWN', { region });
    }
    return prices;
  };
  const prices = { primary: of(primary), secondary: of(secondary) };
  if (prices.primary.currency !== prices.secondary.currency) {
    throw new HoldfastError('CURRENCIES_DIFFER', { primary, secondary });
  }
  return prices;
}

/** @returns what a grade of prices means, in words. */
export function priceGradeMeans({ grade }: RegionPrices): string {
  return PRICE_LIST.grades?.[grade] ?? grade;
}
