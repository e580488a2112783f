import { keyStoreTable } from '../shared/config/key-store.ts';
import { COPY_NAMES, type CopyName } from '../shared/domain/copy-name.ts';
import { KEY_USE, type KeyTier } from '../shared/domain/key-tier.ts';
import { PRICE_LIST, pricesFor } from '../shared/domain/price-list.ts';
import { countOf } from './embedded-aws-process.ts';
import { rounded } from './goals.ts';
import { INSTALLATION, LEDGER_TABLE } from './installation.ts';
import { KEY_STEPS, type KeyStep, type StepCost } from './key-steps.ts';

const GIB = 1024 ** 3;
/** Of the 7 days that a deletion waits, looked at every hour. */
const HOURLY_LOOKS = 7 * 24;

/** In the currency of the price list, without free tiers. */
export interface KeyCosts {
  readonly currency: string;
  /** Of keeping the keys: KMS keys, and what lies in the key stores. */
  readonly keysPerMonth: number;
  /** What each step asks of KMS, DynamoDB and S3, once. `wait` is all its hourly looks. */
  readonly steps: Readonly<Record<KeyStep, number>>;
}

/**
 * @param steps - what they took for all the vaults.
 * @param vaults - how many that are.
 */
export function costOfKeys(
  tier: KeyTier,
  steps: Readonly<Record<KeyStep, StepCost>>,
  vaults: number,
): KeyCosts {
  const prices = pricesFor(PRICE_LIST, INSTALLATION.regions);
  const { keysPerVault, keysPerInstallation, storeBytes } = KEY_USE[tier];
  const keysPerMonth = COPY_NAMES.reduce((sum, copy) => {
    const keys = (vaults * keysPerVault + keysPerInstallation) * prices[copy].keyMonth;
    const stored = (vaults * storeBytes * prices[copy].ledgerGbMonth) / GIB;
    return sum + keys + stored;
  }, 0);
  const times = (step: KeyStep) => (step === 'wait' ? HOURLY_LOOKS : 1);
  const costs = KEY_STEPS.map((step) => {
    const cost = COPY_NAMES.reduce((sum, copy) => sum + costOf(steps[step], copy, prices[copy]), 0);
    return [step, rounded(cost * times(step))];
  });
  return {
    currency: prices.primary.currency,
    keysPerMonth: rounded(keysPerMonth),
    steps: Object.fromEntries(costs) as KeyCosts['steps'],
  };
}

type Prices = ReturnType<typeof pricesFor>[CopyName];

/** The ledger has a replica in the other Region, which is written and not read. */
function costOf({ calls, units }: StepCost, copy: CopyName, prices: Prices): number {
  const region = INSTALLATION.regions[copy];
  const keyStore = keyStoreTable(INSTALLATION.name, copy);
  const unitsOf = (table: string, kind: string) => units[`${table} ${kind}`] ?? 0;
  const reads =
    unitsOf(keyStore, 'reads') + (copy === 'primary' ? unitsOf(LEDGER_TABLE, 'reads') : 0);
  const writes = unitsOf(keyStore, 'writes') + unitsOf(LEDGER_TABLE, 'writes');
  const kms = countOf(calls, new RegExp(`^kms .* ${region}$`));
  const s3Reads = countOf(calls, new RegExp(`^s3 (Get|Head)\\S* ${region}$`));
  const s3Writes = countOf(calls, new RegExp(`^s3 .* ${region}$`)) - s3Reads;
  return (
    (kms * prices.keyRequestsPer10000) / 10_000 +
    (s3Reads * prices.readsPer1000) / 1_000 +
    (s3Writes * prices.writesPer1000) / 1_000 +
    (reads * prices.ledgerReadsPerMillion) / 1_000_000 +
    (writes * prices.ledgerWritesPerMillion) / 1_000_000
  );
}
