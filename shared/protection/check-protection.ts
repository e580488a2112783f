import { METRICS } from '../config/metric-names.ts';
import { isFault } from '../domain/errors.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import { recoveryPoint } from '../domain/recovery-point.ts';
import { LegalHoldAnswers } from '../holds/compare-legal-holds.ts';
import { type SettlingServices, settleLegalHolds } from '../holds/settle-legal-holds.ts';
import { findPolicy } from '../policies/find-policy.ts';
import { isHourOf, type LockCoverage, lockCoverage } from './lock-coverage.ts';
import { snapshotProtection } from './snapshot-protection.ts';

const HOUR_MS = 3_600_000;

/** Snapshots younger than this are asked after; the check runs hourly, each vault daily. */
const YOUNG_HOURS = 25;

/** Name under which the check writes into the audit chain. */
const ACTOR = 'holdfast:check-protection';

type CheckingServices = SettlingServices;

export interface ProtectionSummary {
  readonly vaults: number;
  /** The longest any ACTIVE vault is past the time its next snapshot was due, in hours. */
  readonly staleHours: number;
  /** The longest any ACTIVE vault's newest snapshot is older than its policy allows, in hours. */
  readonly rpoExceededHours: number;
  /** Newest snapshots, not older than a day, that are not `protected`. */
  readonly unprotected: number;
  /** Of the vaults whose hour it is: copies of objects that are locked for too short. */
  readonly locksShort: number;
  /** Of these vaults: by how many days the extension of a lock is late at most. */
  readonly lockDelayDays: number;
}

/**
 * Looks at every vault and reports five gauges: `BackupStaleHours`, `RpoExceededHours`,
 * `SingleCopySnapshots`, `LocksShort` and `LockDelayDays`. It always reports all, also when they
 * are 0, so that a missing value means this check is dead. The locks of each vault are asked after
 * in one hour of the day; what S3 says of legal holds on the way is compared with the ledger, and
 * put right as `settleLegalHolds` does.
 *
 * @param hasTime - asked before each question on a lock. @default there is no end
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function checkProtection(
  services: CheckingServices,
  hasTime: () => boolean = () => true,
): Promise<ProtectionSummary> {
  let [vaults, staleHours, rpoExceededHours] = [0, 0, 0];
  let [unprotected, locksShort, lockDelayDays] = [0, 0, 0];
  for await (const client of services.ledger.list('client', null)) {
    const { clientId } = client.record;
    for await (const { record: vault } of services.ledger.list('vault', { clientId })) {
      vaults += 1;
      const known = await findPolicy(services.ledger, vault);
      const { overdue, exceeded } = lateness(vault, known?.policy, services.clock.now());
      staleHours = Math.max(staleHours, overdue);
      rpoExceededHours = Math.max(rpoExceededHours, exceeded);
      unprotected += (await isNewestProtected(services, vault)) ? 0 : 1;
      const locks = await locksOf(services, vault, known?.policy, hasTime);
      locksShort += locks?.short ?? 0;
      lockDelayDays = Math.max(lockDelayDays, locks?.delayDays ?? 0);
    }
  }
  services.telemetry.measure(METRICS.backupStaleHours, staleHours);
  services.telemetry.measure(METRICS.rpoExceededHours, rpoExceededHours);
  services.telemetry.measure(METRICS.singleCopySnapshots, unprotected);
  services.telemetry.measure(METRICS.locksShort, locksShort);
  services.telemetry.measure(METRICS.lockDelayDays, lockDelayDays);
  return { vaults, staleHours, rpoExceededHours, unprotected, locksShort, lockDelayDays };
}

/** @returns `null` when it is not the vault's hour. */
async function locksOf(
  services: CheckingServices,
  vault: Vault,
  policy: Policy | undefined,
  hasTime: () => boolean,
): Promise<LockCoverage | null> {
  const { vaultId, state } = vault;
  const isDue = isHourOf(vaultId, services.clock.now());
  if (!isDue || state === 'ERASED' || policy === undefined) {
    return null;
  }
  const answers = new LegalHoldAnswers(vault);
  const options = { rule: policy.lock, hasTime, holds: answers };
  const coverage = await lockCoverage(services, vault, options);
  await settleHolds(services, vaultId, answers);
  const { asked, short, earliestLapse, delayDays } = coverage;
  if (delayDays > 0) {
    const lapse = earliestLapse?.toISOString() ?? null;
    services.telemetry.event('locks.late', { vaultId, asked, short, delayDays, lapse });
  }
  return coverage;
}

/** What fails here must not silence the gauges of all vaults; it is told, and tried tomorrow. */
async function settleHolds(
  services: CheckingServices,
  vaultId: string,
  answers: LegalHoldAnswers,
): Promise<void> {
  try {
    await settleLegalHolds(services, { actor: ACTOR, vaultId, answers });
  } catch (error) {
    if (!isFault(error)) {
      throw error;
    }
    services.telemetry.event('legal-holds.not-settled', { vaultId, code: error.code });
  }
}

/** Hours past the schedule's time and past the policy's recovery point; 0 when nothing is due. */
function lateness(vault: Vault, policy: Policy | undefined, now: Date) {
  const point = policy === undefined ? null : recoveryPoint(vault, policy, now);
  if (policy === undefined || point === null) {
    return { overdue: 0, exceeded: 0 };
  }
  const overdue = Math.max(0, point.ageHours - policy.backup.everyHours);
  return { overdue, exceeded: point.exceededHours };
}

/**
 * A snapshot that the ledger calls single-copy counts whatever its age, that of a closed vault too.
 * Vaults without a young snapshot count as protected otherwise: their staleness is told separately.
 */
async function isNewestProtected(services: CheckingServices, vault: Vault): Promise<boolean> {
  const { vaultId, lastSnapshotId } = vault;
  if (lastSnapshotId === null) {
    return true;
  }
  const stored = await services.ledger.get('snapshot', vaultId, lastSnapshotId);
  if (stored === undefined || vault.state === 'ERASED') {
    return true;
  }
  if (!isYoung(stored.record, services.clock.now())) {
    return vault.state === 'ERASE_PENDING' || stored.record.protectionState === 'protected';
  }
  const state = await protectionState(services, stored.record);
  if (state !== 'protected') {
    const { snapshotId } = stored.record;
    services.telemetry.event('snapshot.not-protected', { vaultId, snapshotId, state });
  }
  return state === 'protected';
}

async function protectionState(services: CheckingServices, snapshot: Snapshot): Promise<string> {
  try {
    return (await snapshotProtection(services, snapshot)).state;
  } catch (error) {
    if (!isFault(error)) {
      throw error;
    }
    return error.code;
  }
}

function isYoung(snapshot: Snapshot, now: Date): boolean {
  return now.getTime() - Date.parse(snapshot.createdAt) <= YOUNG_HOURS * HOUR_MS;
}
