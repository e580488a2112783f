import { METRICS } from '../config/metric-names.ts';
import { isFault } from '../domain/errors.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { handOver, passOverVaults } from '../registry/pass-over-vaults.ts';
import { type RenewServices, renewVault } from './renew-vault.ts';

/** What one invocation has done. A type alias: it is logged as it is. */
export type RenewalSummary = {
  /** Vaults that were looked at as a whole. */
  readonly vaults: number;
  /** Objects whose lock was extended. */
  readonly extended: number;
  /** Locks that could not be extended. */
  readonly failed: number;
  /** Whether another invocation goes on. */
  readonly isHandedOver: boolean;
};

/**
 * The daily renewal: extends what falls short in every vault that is not erased, whatever becomes
 * of the others. An invocation whose time is nearly over starts the next one, which does the rest.
 *
 * @param after - clients up to this id were done by the invocation before. @default none
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `PIPELINE_UNAVAILABLE`; `PASS_STUCK` when the time
 * was over before anything was done; at the end of the last invocation the first failure of its
 * own, such as `COPY_UNAVAILABLE` and `COPY_DENIED`. Those of earlier ones are in their events.
 */
export async function renewLocks(
  services: RenewServices & Pick<Services, 'pipeline' | 'telemetry'>,
  hasTime: () => boolean,
  after?: string,
): Promise<RenewalSummary> {
  const { telemetry } = services;
  const failures: unknown[] = [];
  let [extended, settled] = [0, 0];
  const pass = await passOverVaults(
    services,
    { name: 'renewal', after, hasTime },
    async (vault) => {
      if (vault.state === 'ERASED') {
        return true;
      }
      const { lock } = await policyOf(services.ledger, vault);
      const renewal = await renewVault(services, vault, lock, hasTime);
      extended += renewal.extended;
      settled += renewal.settled;
      failures.push(...renewal.failures);
      const [first] = renewal.failures;
      if (first !== undefined) {
        const failure = isFault(first) ? first.code : 'UNEXPECTED';
        const failed = renewal.failures.length;
        telemetry.event('renewal.incomplete', { vaultId: vault.vaultId, failure, failed });
      }
      return renewal.isDone;
    },
  );
  telemetry.measure(METRICS.locksExtended, extended);
  failures.push(...pass.failures);
  const isHandedOver = await handOver(
    { ...pass, failures },
    { name: 'renewal of locks', after, hasWorked: extended + settled > 0 },
    (stoppedAfter) => services.pipeline.continuePass('renew-locks', stoppedAfter),
  );
  if (!isHandedOver && failures.length > 0) {
    throw failures[0];
  }
  return { vaults: pass.vaults, extended, failed: failures.length, isHandedOver };
}
