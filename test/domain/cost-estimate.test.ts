import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { estimateCost, yearsOf } from '../../shared/domain/cost-estimate.ts';
import {
  BUILT_IN_POLICIES,
  findBuiltIn,
  type Policy,
  readPolicy,
} from '../../shared/domain/policy.ts';
import type { PolicyDocument } from '../../shared/domain/policy-document.ts';
import {
  PRICE_LIST,
  priceGradeMeans,
  pricesFor,
  readPriceList,
} from '../../shared/domain/price-list.ts';
import type { SourceSize } from '../../shared/domain/vault-usage.ts';

const POLICY = findBuiltIn('consent-only') as Policy;
const { statute: _, ...DOCUMENT } = POLICY;
const US = pricesFor(PRICE_LIST, { primary: 'us-east-1', secondary: 'us-west-2' });
const ONE_YEAR = { years: 1, tier: 'dedicated' } as const;
const SOURCE: SourceSize = { records: 100_000, bytes: 50e9, dailyChange: 0.01 };

function changed(changes: Partial<PolicyDocument>): Policy {
  return readPolicy({ ...DOCUMENT, ...changes });
}

function lineOf(estimate: ReturnType<typeof estimateCost>, what: string) {
  const line = estimate.lines.find((each) => each.what === what);
  if (line === undefined) throw new Error(`no line ${what}`);
  return line;
}

describe('an estimate', () => {
  test('of an empty vault is the price of its two keys and little else', () => {
    const empty = estimateCost(POLICY, { records: 0, bytes: 0, dailyChange: 0 }, US, ONE_YEAR);
    expect(lineOf(empty, 'keys, one in each Region')).toMatchObject({
      first: { quantity: 0, cost: 0 },
      monthly: { quantity: 2, cost: 2 },
      total: 24,
    });
    expect(empty.monthly).toBeGreaterThan(2);
    expect(empty.monthly).toBeLessThan(2.1);
  });

  test('of a vault of branch keys has no KMS keys, and reads a key store for each use', () => {
    const tier = 'shared-root' as const;
    const [own, shared] = [ONE_YEAR, { years: 1, tier }].map((options) =>
      estimateCost(POLICY, SOURCE, US, options),
    ) as [ReturnType<typeof estimateCost>, ReturnType<typeof estimateCost>];
    expect(shared.lines.filter(({ unit }) => unit === 'keys')).toEqual([]);
    for (const time of ['first', 'monthly'] as const) {
      const requests = lineOf(shared, 'key requests')[time].quantity;
      expect(requests).toBe(lineOf(own, 'key requests')[time].quantity);
      expect(lineOf(shared, 'branch keys, reading')[time].quantity).toBe(requests);
    }
    expect(lineOf(shared, 'branch keys, storage').monthly.cost).toBeLessThan(0.001);
    expect(own.monthly - shared.monthly).toBeCloseTo(2, 2);
    expect([own.sharedMonthly, shared.sharedMonthly]).toEqual([0, 2]);
  });

  test('counts both copies of what never changes once, at the price of each Region', () => {
    const bytes = 100 * 1024 ** 3;
    const still = estimateCost(POLICY, { records: 10, bytes, dailyChange: 0 }, US, ONE_YEAR);
    for (const copy of ['primary', 'secondary']) {
      const { monthly } = lineOf(still, `storage, ${copy} copy`);
      expect(monthly.quantity).toBeCloseTo(100, 1);
      expect(monthly.cost).toBeCloseTo(2.3, 2);
    }
    // 3,200 packs of two parts each: begin, two parts, complete; a manifest part each; both copies.
    expect(lineOf(still, 'writing').first.quantity).toBe(2 * (3_200 * 5 + 2));
    expect(lineOf(still, 'transfer between Regions').first.cost).toBeCloseTo(2, 1);
  });

  test('extends the locks of live packs once per grid step at most', () => {
    const packs = Math.ceil(SOURCE.bytes / (32 * 1024 ** 2));
    const { monthly } = lineOf(estimateCost(POLICY, SOURCE, US, ONE_YEAR), 'extending locks');
    const steps = 365.2425 / 12 / POLICY.lock.gridDays;
    expect(monthly.quantity).toBeLessThanOrEqual(2 * packs * steps + 1e-6);
    expect(monthly.cost).toBeCloseTo((monthly.quantity * 0.005) / 1_000, 6);
  });

  test('extends them more rarely when the horizon is further away', () => {
    const keep = { ...DOCUMENT.snapshots.keep, monthly: 12 };
    const extending = (horizonDays: number) => {
      const lock = { ...DOCUMENT.lock, horizonDays };
      const policy = changed({ snapshots: { keep }, lock });
      const still = { ...SOURCE, dailyChange: 0 };
      return lineOf(estimateCost(policy, still, US, ONE_YEAR), 'extending locks').monthly.quantity;
    };
    expect(extending(180)).toBeLessThan(extending(60) / 2);
  });

  test('says what stays after an erasure, and how long', () => {
    const { afterErasure, lines } = estimateCost(POLICY, SOURCE, US, ONE_YEAR);
    expect(afterErasure.days).toBe(36 + 7);
    const stored = lines.filter(({ what }) => what.startsWith('storage'));
    const monthly = stored.reduce((sum, line) => sum + line.monthly.cost, 0);
    expect(afterErasure.cost).toBeCloseTo((monthly * 43 * 12) / 365.2425, 6);
  });

  test('adds up', () => {
    const sizes = fc.record({
      records: fc.nat(10_000_000),
      bytes: fc.nat(2 ** 45),
      dailyChange: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const policies = fc.constantFrom(...BUILT_IN_POLICIES);
    fc.assert(
      fc.property(policies, sizes, fc.integer({ min: 1, max: 30 }), (policy, source, years) => {
        const estimate = estimateCost(policy, source, US, { years, tier: 'dedicated' });
        for (const { first, monthly, total } of estimate.lines) {
          for (const number of [first.quantity, first.cost, monthly.quantity, monthly.cost]) {
            expect(number).toBeGreaterThanOrEqual(0);
            expect(Number.isFinite(number)).toBe(true);
          }
          expect(total).toBeCloseTo(first.cost + monthly.cost * 12 * years, 4);
        }
        const sum = estimate.lines.reduce((all, { total }) => all + total, 0);
        expect(estimate.total / sum).toBeCloseTo(1, 6);
      }),
      { numRuns: 100 },
    );
  });

  test('is monotone: more bytes, more changes and more points never cost less', () => {
    const cost = (policy: Policy, change: Partial<SourceSize>) =>
      estimateCost(policy, { ...SOURCE, ...change }, US, ONE_YEAR).monthly;
    expect(cost(POLICY, { bytes: 100e9 })).toBeGreaterThan(cost(POLICY, {}));
    expect(cost(POLICY, { dailyChange: 0.02 })).toBeGreaterThan(cost(POLICY, {}));
    const keep = { ...DOCUMENT.snapshots.keep, monthly: 12 };
    expect(cost(changed({ snapshots: { keep } }), {})).toBeGreaterThan(cost(POLICY, {}));
  });
});

describe('the period of an estimate', () => {
  test('is what the law asks, or ten years', () => {
    const years = BUILT_IN_POLICIES.map((policy) => [policy.id, yearsOf(policy)]);
    expect(years).toEqual([
      ['engagement-10y', 10],
      ['accounting-30y', 30],
      ['consent-only', 10],
    ]);
    expect(yearsOf(changed({ rules: ['cn-acct-annual-report-perm'] }))).toBe(10);
    expect(yearsOf(changed({ rules: ['cn-network-log-6m'] }))).toBe(0.5);
  });
});

describe('the price list', () => {
  test('says of every Region when its prices held, where from and how sure', () => {
    for (const prices of Object.values(PRICE_LIST.regions)) {
      expect(prices.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(priceGradeMeans(prices)).toMatch(/not/);
    }
  });

  test('names the way out for a Region it lacks', () => {
    const regions = { primary: 'us-east-1', secondary: 'cn-north-1' };
    expect(() => pricesFor(PRICE_LIST, regions)).toThrow(
      expect.objectContaining({
        code: 'PRICES_UNKNOWN',
        data: { region: 'cn-north-1' },
        next: expect.stringContaining('--prices FILE'),
      }),
    );
  });

  test('is overridden Region by Region', () => {
    const { grade: __, ...prices } = US.primary;
    const own = { ...prices, currency: 'CNY', keyMonth: 7 };
    const list = readPriceList({ regions: { 'cn-north-1': own, 'cn-northwest-1': own } });
    const china = pricesFor(list, { primary: 'cn-north-1', secondary: 'cn-northwest-1' });
    expect(china.primary).toEqual({ ...own, grade: 'own' });
    expect(estimateCost(POLICY, SOURCE, china, ONE_YEAR).currency).toBe('CNY');
    expect(list.regions['us-east-1']).toEqual(US.primary);
    expect(() => pricesFor(list, { primary: 'cn-north-1', secondary: 'us-east-1' })).toThrow(
      expect.objectContaining({ code: 'CURRENCIES_DIFFER' }),
    );
  });

  test.each([
    ['a price that is missing', { keyMonth: undefined }],
    ['a price below 0', { keyMonth: -1 }],
    ['an unknown price', { glacier: 1 }],
    ['no date', { asOf: 'recently' }],
  ])('with %s is refused', (_what, change) => {
    const regions = { 'us-east-1': { ...US.primary, ...change } };
    expect(() => readPriceList({ regions })).toThrow(z.ZodError);
  });
});
