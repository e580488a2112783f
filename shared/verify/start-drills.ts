import { METRICS } from '../config/metric-names.ts';
import { drillDue } from '../domain/drill.ts';
import { isFault } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import { policyFinder } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { everyVault } from '../registry/every-vault.ts';
import { requestVerification } from './request-verification.ts';

const ACTOR = 'holdfast:start-drills';

/**
 * Drills started by one run. Each is a function of its own, of which an account runs 1,000 at once
 * (Lambda quotas); the others wait for the next run. 50,000 vaults that become due together are
 * through within a week.
 */
const DRILLS_AT_ONCE = 300;

/** A type alias: it is logged as it is. */
export type DrillSummary = {
  readonly vaults: number;
  readonly started: number;
  /** The longest any vault's drill is overdue, in days. */
  readonly overdueDays: number;
};

/**
 * Starts the drills that are due: a deep verification of each vault's newest snapshot. Reports
 * `DrillOverdueDays` always, also when it is 0. A vault whose drill cannot be started is reported
 * and does not keep the others waiting.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function startDrills(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'pipeline' | 'telemetry'>,
): Promise<DrillSummary> {
  let [vaults, started, overdueDays] = [0, 0, 0];
  const policyOf = policyFinder(services.ledger);
  for await (const vault of everyVault(services)) {
    vaults += 1;
    const known = await policyOf(vault);
    if (known === undefined) {
      continue;
    }
    const drill = drillDue(vault, known.policy, services.clock.now());
    overdueDays = Math.max(overdueDays, drill.overdueDays);
    if (drill.isDue && started < DRILLS_AT_ONCE) {
      started += (await startDrill(services, vault)) ? 1 : 0;
    }
  }
  services.telemetry.measure(METRICS.drillOverdueDays, overdueDays);
  return { vaults, started, overdueDays };
}

async function startDrill(
  services: Parameters<typeof requestVerification>[0],
  { vaultId, lastSnapshotId }: Vault,
): Promise<boolean> {
  try {
    const address = { vaultId, snapshotId: lastSnapshotId ?? '' };
    await requestVerification(services, ACTOR, address, { depth: 'deep', isDrill: true });
    return true;
  } catch (error) {
    const failure = isFault(error) ? error.code : 'UNEXPECTED';
    services.telemetry.event('drill.not-started', { vaultId, failure });
    return false;
  }
}
