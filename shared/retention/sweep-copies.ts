import { METRICS } from '../config/metric-names.ts';
import type { Vault } from '../domain/records.ts';
import type { SettlingServices } from '../holds/settle-legal-holds.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { handOver, passOverVaults } from '../registry/pass-over-vaults.ts';
import { holdAsFound } from './hold-as-found.ts';
import { sweepLimits } from './sweep-stop.ts';
import { type SweepServices, sweepVault, type VaultSweep } from './sweep-vault.ts';
import { tellUnknownVaults } from './unknown-vaults.ts';

const ACTOR = 'holdfast:sweep-copies';

type SweepingServices = SweepServices & SettlingServices & Pick<Services, 'installation'>;

/** What one invocation has done. A type alias: it is logged as it is. */
export type SweepSummary = {
  readonly vaults: number;
  readonly expired: number;
  /** Versions removed in both copies together, and their bytes. */
  readonly removed: number;
  readonly removedBytes: number;
  /** Vaults whose sweep a disagreement, or the share that would have gone, has stopped. */
  readonly stopped: number;
  readonly failed: number;
  readonly isHandedOver: boolean;
};

/**
 * The daily sweep of every vault, whatever becomes of the others. An invocation whose time is
 * nearly over starts the next one, which does the rest. The first one also tells which vaults lie
 * in the copies and are in no ledger.
 *
 * @param after - clients up to this id were done by the invocation before. @default none
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `PIPELINE_UNAVAILABLE`; `PASS_STUCK` when the time
 * was over before anything was done; at the end of the last invocation the first failure of its
 * own, such as `COPY_UNAVAILABLE`.
 */
export async function sweepCopies(
  services: SweepingServices,
  hasTime: () => boolean,
  after?: string,
): Promise<SweepSummary> {
  const failures: unknown[] = [];
  if (after === undefined) {
    await tellUnknownVaults(services).catch((error: unknown) => failures.push(error));
  }
  let [settled, expired, removed, removedBytes, stopped] = [0, 0, 0, 0, 0];
  const pass = await passOverVaults(services, { name: 'sweep', after, hasTime }, async (vault) => {
    if (await isSweptClean(services, vault)) {
      return true;
    }
    const sweep = await sweepOne(services, vault.vaultId, hasTime, false, ACTOR);
    settled += sweep.settled;
    expired += sweep.result.expired;
    removed += sweep.result.removed.versions;
    removedBytes += sweep.result.removed.bytes;
    stopped += isStopped(sweep) ? 1 : 0;
    failures.push(...sweep.failures);
    return sweep.isDone;
  });
  failures.push(...pass.failures);
  services.telemetry.measure(METRICS.sweptBytes, removedBytes);
  const isHandedOver = await handOver(
    { ...pass, failures },
    { name: 'sweep of the copies', after, hasWorked: settled + expired + removed > 0 },
    (stoppedAfter) => services.pipeline.startSweep({ after: stoppedAfter }),
  );
  if (!isHandedOver && failures.length > 0) {
    throw failures[0];
  }
  const failed = failures.length;
  return { vaults: pass.vaults, expired, removed, removedBytes, stopped, failed, isHandedOver };
}

/**
 * Sweeps one vault because a person asked for it.
 *
 * @param isConfirmed - that person has seen what would go, and wants it to, however much it is.
 * @throws HoldfastError as `holdAsFound` and `sweepVault` do, and the first failure of a removal.
 */
export async function sweepOnRequest(
  services: SweepingServices,
  { vaultId, actor, isConfirmed }: { vaultId: string; actor: string; isConfirmed: boolean },
  hasTime: () => boolean,
): Promise<VaultSweep> {
  const sweep = await sweepOne(services, vaultId, hasTime, isConfirmed, actor);
  if (!sweep.isDone) {
    await services.pipeline.startSweep({ vaultId, actor, isConfirmed });
  } else if (sweep.failures.length > 0) {
    throw sweep.failures[0];
  }
  return sweep;
}

async function sweepOne(
  services: SweepingServices,
  vaultId: string,
  hasTime: () => boolean,
  isConfirmed: boolean,
  actor: string,
): Promise<VaultSweep> {
  const limits = sweepLimits(services.installation);
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const { lingerDays } = await policyOf(services.ledger, vault);
  const options = { limits, isConfirmed, lingerDays, actor, hasTime };
  await holdAsFound(services, vault);
  const sweep = await sweepVault(services, vaultId, options);
  const { expired, removed, stays, stopped } = sweep.result;
  const counts = { expired, ...removed, stays: stays.versions, stopped };
  services.telemetry.event('vault.swept', { vaultId, ...counts });
  if (sweep.unknownHolds > 0) {
    const { unknownHolds } = sweep;
    services.telemetry.event('legal-holds.unknown', { vaultId, versions: unknownHolds });
    services.telemetry.measure(METRICS.legalHoldsDisputed, 1);
  }
  if (isStopped(sweep)) {
    services.telemetry.measure(METRICS.sweepStopped, 1);
  }
  return sweep;
}

/** A hold stops a sweep as it should. */
function isStopped({ result: { stopped } }: VaultSweep): boolean {
  return stopped === 'disagreement' || stopped === 'share';
}

/** Nothing is left of an erased vault that could be looked at. */
async function isSweptClean(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId, state, erasureId }: Vault,
): Promise<boolean> {
  if (state !== 'ERASED' || erasureId === null) {
    return false;
  }
  const erasure = await ledger.get('erasure', vaultId, erasureId);
  return erasure !== undefined && erasure.record.ciphertextRemovedAt !== null;
}
