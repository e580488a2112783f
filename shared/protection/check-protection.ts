import { restingCopies } from '../backup/resting-copy.ts';
import { METRICS } from '../config/metric-names.ts';
import { isFault } from '../domain/errors.ts';
import type { Policy } from '../domain/policy.ts';
import type { Vault } from '../domain/records.ts';
import { recoveryPoint } from '../domain/recovery-point.ts';
import type { ProtectionCheck } from '../domain/verification-records.ts';
import { LegalHoldAnswers } from '../holds/compare-legal-holds.ts';
import { type SettlingServices, settleLegalHolds } from '../holds/settle-legal-holds.ts';
import { findPolicy } from '../policies/find-policy.ts';
import { handOver, passOverVaults } from '../registry/pass-over-vaults.ts';
import { lastHourOf, lockCoverage } from './lock-coverage.ts';
import { newestSnapshot } from './newest-snapshot.ts';

/** Name under which the check writes into the audit chain. */
const ACTOR = 'holdfast:check-protection';

type CheckingServices = SettlingServices;

/** What one invocation has found. A type alias: it is logged as it is. */
export type ProtectionSummary = {
  readonly vaults: number;
  /** The longest any ACTIVE vault is past the time its next snapshot was due, in hours. */
  readonly staleHours: number;
  /** The longest any ACTIVE vault's newest snapshot is older than its policy allows, in hours. */
  readonly rpoExceededHours: number;
  /**
   * Snapshots of any age that wait for their repair, newest ones that S3 does not call `protected`,
   * and vaults that could not be looked at.
   */
  readonly unprotected: number;
  /** Of the vaults whose locks were asked after: copies of objects locked for too short. */
  readonly locksShort: number;
  /** Of these vaults: by how many days the extension of a lock is late at most. */
  readonly lockDelayDays: number;
  /** Of these vaults: copies of objects whose copy did not tell of them. */
  readonly locksUnknown: number;
  /** Whether another invocation goes on. */
  readonly isHandedOver: boolean;
};

/** What is added up while vaults are looked at. */
type Gauges = {
  -readonly [Name in keyof Omit<ProtectionSummary, 'vaults' | 'isHandedOver'>]: number;
};

/**
 * Looks at every vault and reports six gauges: `BackupStaleHours`, `RpoExceededHours`,
 * `SingleCopySnapshots`, `LocksShort`, `LockDelayDays` and `LocksUnknown`. Every invocation that
 * has looked at a vault reports all, for the vaults it looked at, also when they are 0: alarms take
 * the highest, and a missing value means this check is dead. The locks of each vault are asked
 * after once a day, its newest snapshot as `newestSnapshot` says; what S3 says of legal holds on
 * the way is compared with the ledger, and put right as `settleLegalHolds` does.
 *
 * An invocation whose time is nearly over starts the next one, which looks at the rest.
 *
 * @param hasTime - asked before each question. @default there is no end
 * @param after - clients up to this id were done by the invocation before. @default none
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `PIPELINE_UNAVAILABLE`; `PASS_STUCK` when the time
 * was over before anything was asked; at the end of the last invocation what kept it from looking
 * at a vault.
 */
export async function checkProtection(
  all: CheckingServices,
  hasTime: () => boolean = () => true,
  after?: string,
): Promise<ProtectionSummary> {
  const services = { ...all, copies: restingCopies(all.copies) };
  const gauges: Gauges = {
    staleHours: 0,
    rpoExceededHours: 0,
    unprotected: 0,
    locksShort: 0,
    lockDelayDays: 0,
    locksUnknown: 0,
  };
  const waiting = await waitingSnapshots(services);
  let asked = 0;
  const pass = await passOverVaults(
    services,
    { name: 'protection', after, hasTime },
    async (vault) => {
      const outcome = await checkVault(services, vault, waiting, gauges, hasTime);
      asked += outcome === 'asked' ? 1 : 0;
      return outcome !== 'out-of-time';
    },
  );
  const { vaults, stoppedAfter, failures } = pass;
  gauges.unprotected += failures.length;
  if (vaults > 0 || stoppedAfter === null) {
    report(services, gauges);
  }
  const isHandedOver = await handOver(
    pass,
    { name: 'check of protection', after, hasWorked: asked > 0 },
    (stopped) => all.pipeline.continuePass('check-protection', stopped),
  );
  if (!isHandedOver && failures.length > 0) {
    throw failures[0];
  }
  return { vaults, ...gauges, isHandedOver };
}

/** @returns by vault, how many of its snapshots wait for their repair, its newest among them. */
async function waitingSnapshots({
  ledger,
  clock,
}: CheckingServices): Promise<ReadonlyMap<string, number>> {
  const waiting = new Map<string, number>();
  for await (const vaultId of ledger.due('repair', clock.now())) {
    waiting.set(vaultId, (waiting.get(vaultId) ?? 0) + 1);
  }
  return waiting;
}

function report({ telemetry }: CheckingServices, gauges: Gauges): void {
  telemetry.measure(METRICS.backupStaleHours, gauges.staleHours);
  telemetry.measure(METRICS.rpoExceededHours, gauges.rpoExceededHours);
  telemetry.measure(METRICS.singleCopySnapshots, gauges.unprotected);
  telemetry.measure(METRICS.locksShort, gauges.locksShort);
  telemetry.measure(METRICS.lockDelayDays, gauges.lockDelayDays);
  telemetry.measure(METRICS.locksUnknown, gauges.locksUnknown);
}

/** @returns `asked` when S3 was, and that was recorded: nobody does so again for hours. */
async function checkVault(
  services: CheckingServices,
  vault: Vault,
  waiting: ReadonlyMap<string, number>,
  gauges: Gauges,
  hasTime: () => boolean,
): Promise<'asked' | 'looked' | 'out-of-time'> {
  if (vault.state === 'ERASED') {
    return 'looked';
  }
  const { ledger, clock } = services;
  const { vaultId } = vault;
  const policy = (await findPolicy(ledger, vault))?.policy;
  addLateness(gauges, vault, policy, clock.now());
  const stored = await ledger.get('protection', vaultId);
  const last = stored?.record ?? { kind: 'protection', vaultId, newest: null, locksAskedAt: null };
  const newest = await newestSnapshot(services, vault, last.newest, hasTime);
  if (newest === null) {
    return 'out-of-time';
  }
  // What is about to be erased is not repaired any more.
  const inOneCopy = vault.state === 'ERASE_PENDING' ? 0 : (waiting.get(vaultId) ?? 0);
  gauges.unprotected += Math.max(inOneCopy, newest.isProtected ? 0 : 1);
  const askedAt = clock.now();
  const isDue = policy !== undefined && isDueSince(last, askedAt);
  if (isDue) {
    await addLocks(services, vault, policy, gauges, hasTime);
  }
  const isDone = !isDue || hasTime();
  const locksAskedAt = isDue && isDone ? askedAt.toISOString() : last.locksAskedAt;
  if (newest.checked !== last.newest || locksAskedAt !== last.locksAskedAt) {
    const record: ProtectionCheck = { ...last, newest: newest.checked, locksAskedAt };
    await write(services, record, stored?.version ?? 'absent');
  }
  if (!isDone) {
    return 'out-of-time';
  }
  // A snapshot that is not protected is asked after by every invocation: that is no progress.
  const isAnother = newest.checked?.snapshotId !== last.newest?.snapshotId;
  return isAnother || locksAskedAt !== last.locksAskedAt ? 'asked' : 'looked';
}

function isDueSince({ vaultId, locksAskedAt }: ProtectionCheck, now: Date): boolean {
  return locksAskedAt === null || new Date(locksAskedAt) < lastHourOf(vaultId, now);
}

async function addLocks(
  services: CheckingServices,
  vault: Vault,
  policy: Policy,
  gauges: Gauges,
  hasTime: () => boolean,
): Promise<void> {
  const { vaultId } = vault;
  const holds = new LegalHoldAnswers(vault);
  const coverage = await lockCoverage(services, vault, { rule: policy.lock, hasTime, holds });
  await settleHolds(services, vaultId, holds);
  const { asked, short, unknown, earliestLapse, delayDays } = coverage;
  if (unknown > 0) {
    services.telemetry.event('locks.unknown', { vaultId, asked, unknown });
  }
  if (delayDays > 0) {
    const lapse = earliestLapse?.toISOString() ?? null;
    services.telemetry.event('locks.late', { vaultId, asked, short, delayDays, lapse });
  }
  gauges.locksShort += short;
  gauges.locksUnknown += unknown;
  gauges.lockDelayDays = Math.max(gauges.lockDelayDays, delayDays);
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

/** Hours past the schedule's time and past the policy's recovery point. */
function addLateness(gauges: Gauges, vault: Vault, policy: Policy | undefined, now: Date): void {
  const point = policy === undefined ? null : recoveryPoint(vault, policy, now);
  if (policy === undefined || point === null) {
    return;
  }
  const overdue = Math.max(0, point.ageHours - policy.backup.everyHours);
  gauges.staleHours = Math.max(gauges.staleHours, overdue);
  gauges.rpoExceededHours = Math.max(gauges.rpoExceededHours, point.exceededHours);
}

/** When another pass was faster, its answer is as good. */
async function write(
  { ledger }: CheckingServices,
  record: ProtectionCheck,
  expect: number | 'absent',
): Promise<void> {
  try {
    await ledger.write([{ record, expect }]);
  } catch (error) {
    if (!isFault(error, 'LEDGER_CONFLICT')) {
      throw error;
    }
  }
}
