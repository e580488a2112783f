import { expect, test } from 'vitest';
import { SeededRandom } from '../../bench/seeded-random.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { estimateCost } from '../../shared/domain/cost-estimate.ts';
import { daysAfter } from '../../shared/domain/lock.ts';
import { readPolicy } from '../../shared/domain/policy.ts';
import { PRICE_LIST, pricesFor } from '../../shared/domain/price-list.ts';
import { applyHolds } from '../../shared/holds/apply-holds.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { checkProtection } from '../../shared/protection/check-protection.ts';
import { repairCopies } from '../../shared/repair/repair-copies.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { verifyShare } from '../../shared/verify/verify-share.ts';
import { sourceOf } from '../support/backed-up-vault.ts';
import { type Billed, billedServices } from '../support/billed-services.ts';
import {
  FIVE_WEEKS,
  livingInstallation,
  OPERATOR,
  registeredVault,
} from '../support/living-installation.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';

/** A week of daily points: settled soon. */
const POLICY = readPolicy({
  ...FIVE_WEEKS,
  id: 'one-week',
  snapshots: { keep: { ...FIVE_WEEKS.snapshots.keep, daily: 7 } },
  lock: { mode: 'rolling', minimumDays: 2, horizonDays: 16, gridDays: 2 },
  lingerDays: 14,
});
const PRICES = pricesFor(PRICE_LIST, TEST_INSTALLATION.regions);
const RECORDS = 40;
const RECORD_BYTES = 500;

/** Longer than any snapshot of the policy is kept, and than the lock of what it wrote. */
const SETTLING_DAYS = 20;
const MEASURED_DAYS = 10;
const DAYS_PER_MONTH = 365.2425 / 12;

/** An estimate may be above what is billed by this factor, and is never below it. */
const MOST_ABOVE = 2.5;

const HOUR_MS = 3_600_000;
const always = (): boolean => true;

/** @returns what a month of a vault is billed for that is as old as its policy keeps anything. */
async function billedMonth(changedPerDay: number): Promise<Billed> {
  const world = livingInstallation();
  const { statute: _, ...document } = POLICY;
  await addPolicy(world.services, OPERATOR, document);
  const vault = await registeredVault(world, { policyId: POLICY.id });
  const { services, billed } = billedServices(world.services);
  const { vaultId } = vault;
  const random = new SeededRandom(`month ${changedPerDay}`);
  const source = sourceOf(world, vault);
  const change = (record: number) =>
    source.put(`record-${record}`, `${random.bits()}`.padEnd(RECORD_BYTES, '-'));
  for (let record = 0; record < RECORDS; record += 1) {
    change(record);
  }
  let settled = billed;
  for (let day = 0; day < SETTLING_DAYS + MEASURED_DAYS; day += 1) {
    const morning = world.clock.now();
    settled = day === SETTLING_DAYS ? { ...billed } : settled;
    for (let changed = 0; changed < changedPerDay; changed += 1) {
      change(random.below(RECORDS));
    }
    const { runId } = await requestBackup(services, OPERATOR, vaultId);
    await runBackup(services, { vaultId, runId });
    await renewLocks(services, always);
    await sweepCopies(services, always);
    await verifyShare(services, always);
    for (let hour = 0; hour < 24 && day >= SETTLING_DAYS - 1; hour += 1) {
      await world.clock.moveTo(new Date(morning.getTime() + hour * HOUR_MS));
      await checkProtection(services);
      await repairCopies(services);
      await applyHolds(services);
    }
    await world.clock.moveTo(daysAfter(morning, 1));
  }
  const month = Object.entries(billed).map(([what, count]) => [
    what,
    ((count - settled[what as keyof Billed]) * DAYS_PER_MONTH) / MEASURED_DAYS,
  ]);
  return Object.fromEntries(month) as Billed;
}

test.each([0, 4])(
  'a month of %i changes a day in 40 records is billed for what was estimated',
  async (changed) => {
    const billed = await billedMonth(changed);
    const size = {
      records: RECORDS,
      bytes: RECORDS * RECORD_BYTES,
      dailyChange: changed / RECORDS,
    };
    const { lines } = estimateCost(POLICY, size, PRICES, { years: 1, tier: 'dedicated' });
    const compared = Object.entries(billed).map(([what, count]) => {
      const estimated = lines.find((line) => line.what === what)?.monthly.quantity ?? 0;
      return { what, billed: Math.round(count), estimated: Math.round(estimated) };
    });
    const wrong = compared.filter(
      (line) => line.estimated < line.billed || line.estimated > MOST_ABOVE * line.billed,
    );
    expect(wrong).toEqual([]);
  },
);
