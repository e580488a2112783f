import type { PerCopy } from './copy-name.ts';
import { KEY_USE, type KeyTier } from './key-tier.ts';
import { MAX_PARTS, PART_BYTES } from './limits.ts';
import { RENEW_AHEAD_DAYS, rollingReachDays } from './lock.ts';
import type { Policy } from './policy.ts';
import { longestKeptDays, PERIOD_DAYS } from './policy-locks.ts';
import { READ_DUE_DAYS } from './read-rotation.ts';
import { TIERS } from './rotation.ts';

/** What is to be backed up. */
export interface SourceSize {
  readonly records: number;
  readonly bytes: number;
  /** Share of the records, and of their bytes, that changes in a day: 0.01 for 1 %. */
  readonly dailyChange: number;
}

/** What one copy holds and is asked for. */
export interface CopyUsage {
  /** Bytes that lie in it in the end, after deletions have caught up. */
  readonly storedBytes: number;
  /** S3 requests that are billed like PUT, but for extensions of locks. */
  readonly writes: number;
  readonly lockExtensions: number;
  readonly reads: number;
}

/** What a vault uses, once for its first backup or in a month. */
export interface Usage {
  readonly copies: PerCopy<CopyUsage>;
  /** Bytes that leave each Region for the other. */
  readonly transferBytes: PerCopy<number>;
  /** KMS keys of its own in each Region. They are paid for by the month, from the first one on. */
  readonly keys: number;
  /** DynamoDB request units of each Region's key store, and what lies in one. */
  readonly keyStoreReads: PerCopy<number>;
  readonly keyStoreBytes: number;
  /** KMS requests in each Region. */
  readonly keyRequests: PerCopy<number>;
  /** DynamoDB request units in one Region. */
  readonly ledgerWrites: number;
  readonly ledgerReads: number;
  readonly ledgerBytes: number;
  readonly computeGbSeconds: number;
  readonly steps: number;
  /** Requests to the source. */
  readonly sourceWrites: number;
  readonly sourceReads: number;
}

const DAYS_PER_YEAR = 365.2425;
const DAYS_PER_MONTH = DAYS_PER_YEAR / 12;
const HOURS_PER_MONTH = DAYS_PER_MONTH * 24;
const MIB = 1024 * 1024;

/** What a pack holds before it is closed (`shared/backup/pack-series.ts`). */
const PACK_BYTES = 32 * MIB;
/** Measured with 20,000 records: their manifest, compressed and encrypted. */
const MANIFEST_BYTES_PER_RECORD = 55;
/** A pack's entry in a seal, which is plain JSON. */
const SEAL_BYTES_PER_PACK = 320;
/** A pack and what was read of it in the ledger, with keys and indexes. */
const LEDGER_BYTES_PER_PACK = 2_048;
/**
 * Request units of the ledger, counted in a simulated month of small vaults. A pack is announced,
 * confirmed and committed, each in a transaction, which counts twice; later it is settled, read,
 * dropped and removed.
 */
const LEDGER_WRITES = {
  perRun: 46,
  perPack: 20,
  perOldPack: 24,
  perExtension: 2,
  perDay: 36,
} as const;
/** The same of reads; the daily passes list packs and snapshots several times. */
const LEDGER_READS = {
  perRun: 10,
  perHour: 7,
  perDay: 50,
  perSnapshotDay: 5,
  perPackDay: 2,
} as const;
/** Lines of a manifest part (`shared/backup/manifest-series.ts`). A pack closes one, too. */
const PART_LINES = 250_000;
/** Hours between two questions after all objects of a newest snapshot (`newest-snapshot.ts`). */
const ASK_AGAIN_HOURS = 20;
/** Of one full vCPU, in GB (`WORKER` of the deployment). */
const COMPUTE_GB = 1.73;
/** Roughly, from docs/performance.md: what one vCPU reads, packs, encrypts and writes twice. */
const COMPUTE = { bytesPerSecond: 60 * MIB, recordsPerSecond: 20_000, secondsPerRun: 10 } as const;
const STEPS_PER_RUN = 10;
/** Keys of a listing come in pages of 1,000. */
const LIST_PAGE = 1_000;

/** What a policy makes of a source, in numbers of objects and bytes. */
interface Shape {
  readonly runsPerMonth: number;
  readonly changedBytesPerRun: number;
  readonly repackedBytesPerDay: number;
  /** Packs, and parts of the manifest, that a run writes; fractions where not every run does. */
  readonly packsPerRun: number;
  readonly partsPerRun: number;
  /** Of the first backup. */
  readonly firstPacks: number;
  /** What the newest snapshot names; most packs of a small vault are far from full. */
  readonly livePacks: number;
  /** What only older snapshots name, or what waits for the end of its lock. */
  readonly historyPacks: number;
  readonly keptSnapshots: number;
  readonly snapshotBytes: number;
  readonly storedBytes: number;
}

/**
 * What a vault uses for its first backup, and in a month once as many snapshots are kept as the
 * policy wants. On the upper side where it depends on what changes; the source is taken not to
 * grow.
 */
export function vaultUsage(
  policy: Policy,
  source: SourceSize,
  { years, tier }: { years: number; tier: KeyTier },
): { first: Usage; monthly: Usage } {
  const shape = shapeOf(policy, source, years);
  const { keysPerVault, storeBytes } = KEY_USE[tier];
  const [first, monthly] = [firstUsage(shape, source), monthlyUsage(policy, shape, source)];
  return {
    first: { ...first, ...keyStoreOf(tier, first), keys: 0, keyStoreBytes: 0 },
    monthly: {
      ...monthly,
      ...keyStoreOf(tier, monthly),
      keys: keysPerVault,
      keyStoreBytes: storeBytes,
    },
  };
}

/** What is the same in every tier. */
type TierlessUsage = Omit<Usage, 'keys' | 'keyStoreReads' | 'keyStoreBytes'>;

/**
 * No branch key is kept in memory (`BranchKeyring`): whatever asks KMS reads the key store first,
 * consistently, one item of less than the 4 KB of a unit.
 */
function keyStoreOf(tier: KeyTier, { keyRequests }: TierlessUsage): Pick<Usage, 'keyStoreReads'> {
  return { keyStoreReads: tier === 'shared-root' ? keyRequests : { primary: 0, secondary: 0 } };
}

function firstUsage(shape: Shape, { records, bytes }: SourceSize): TierlessUsage {
  const { firstPacks, snapshotBytes } = shape;
  const copy = {
    storedBytes: 0,
    writes: writesOf(bytes, firstPacks) + firstPacks + 2,
    lockExtensions: 0,
    reads: firstPacks,
  };
  return {
    copies: { primary: copy, secondary: copy },
    transferBytes: { primary: bytes + snapshotBytes, secondary: 0 },
    keyRequests: { primary: 2 * firstPacks, secondary: 2 * firstPacks },
    ledgerWrites: LEDGER_WRITES.perRun + LEDGER_WRITES.perPack * firstPacks,
    ledgerReads: LEDGER_READS.perRun + firstPacks,
    ledgerBytes: 0,
    computeGbSeconds: computeOf(bytes, records),
    steps: STEPS_PER_RUN,
    sourceWrites: Math.ceil(records / LIST_PAGE) + 1,
    sourceReads: records,
  };
}

function monthlyUsage(policy: Policy, shape: Shape, source: SourceSize): TierlessUsage {
  const { runsPerMonth, changedBytesPerRun, packsPerRun, partsPerRun, historyPacks } = shape;
  const { records, bytes } = source;
  const written = packsPerRun * runsPerMonth;
  const writtenBytes =
    changedBytesPerRun * runsPerMonth + shape.repackedBytesPerDay * DAYS_PER_MONTH;
  const readShare = DAYS_PER_MONTH / READ_DUE_DAYS;
  const extensions = lockExtensionsPerMonth(policy, shape);
  const packs = shape.livePacks + historyPacks;
  const objects = packs + (partsPerRun + 1) * shape.keptSnapshots;
  const checks = Math.min(runsPerMonth, HOURS_PER_MONTH / ASK_AGAIN_HOURS);
  const copy = {
    storedBytes: shape.storedBytes,
    // Each run writes a seal and lists what is there; the sweep lists everything each day.
    writes:
      writesOf(writtenBytes, written) +
      (partsPerRun + 2) * runsPerMonth +
      Math.ceil(objects / LIST_PAGE) * DAYS_PER_MONTH,
    lockExtensions: extensions,
    // New snapshots about daily, all locks each day, a share of everything, what is extended.
    reads:
      (shape.livePacks + partsPerRun + 2) * checks +
      objects * (DAYS_PER_MONTH + readShare) +
      extensions,
  };
  // Seal and manifest of the snapshot before, and the seal for each question after a new one.
  const manifestReads = partsPerRun * runsPerMonth;
  const primaryReads = copy.reads + manifestReads + runsPerMonth + checks;
  const encrypted = (packsPerRun + partsPerRun) * runsPerMonth;
  const readBytes = shape.storedBytes * readShare;
  return {
    copies: { primary: { ...copy, reads: primaryReads }, secondary: copy },
    transferBytes: {
      primary: writtenBytes + shape.snapshotBytes * runsPerMonth,
      secondary: readBytes,
    },
    keyRequests: { primary: encrypted + manifestReads, secondary: encrypted },
    ledgerWrites:
      LEDGER_WRITES.perRun * runsPerMonth +
      (LEDGER_WRITES.perPack + LEDGER_WRITES.perOldPack) * written +
      LEDGER_WRITES.perExtension * extensions +
      LEDGER_WRITES.perDay * DAYS_PER_MONTH +
      2 * objects * readShare,
    ledgerReads:
      LEDGER_READS.perRun * runsPerMonth +
      LEDGER_READS.perHour * HOURS_PER_MONTH +
      DAYS_PER_MONTH *
        (LEDGER_READS.perDay +
          LEDGER_READS.perSnapshotDay * shape.keptSnapshots +
          LEDGER_READS.perPackDay * packs),
    ledgerBytes: LEDGER_BYTES_PER_PACK * packs,
    computeGbSeconds:
      computeOf(changedBytesPerRun, records) * runsPerMonth +
      computeOf(2 * readBytes + writtenBytes, 0),
    steps: STEPS_PER_RUN * runsPerMonth,
    sourceWrites: (Math.ceil(records / LIST_PAGE) + 1) * runsPerMonth,
    sourceReads: bytes === 0 ? 0 : (records * writtenBytes) / bytes,
  };
}

function shapeOf(policy: Policy, source: SourceSize, years: number): Shape {
  const { records, bytes, dailyChange } = source;
  const { backup, lock } = policy;
  const runsPerDay = 24 / backup.everyHours;
  const changedPerDay = bytes * dailyChange;
  const repackedBytesPerDay = repackedPerDay(policy, source);
  const turnoverPerDay = changedPerDay + repackedBytesPerDay;
  const changedBytesPerRun = Math.min(bytes, changedPerDay / runsPerDay);
  const points = pointsOf(policy);
  // A kept point holds at most what was written until the next one.
  const history = points.reduce(
    (sum, { count, gapDays }) => sum + count * Math.min(bytes, turnoverPerDay * gapDays),
    0,
  );
  // What nothing needs any more stays in needed packs, half of the time that it may on average, and
  // what is in no needed pack until its lock ends.
  const lingering = Math.min(
    bytes,
    (changedPerDay * policy.lingerDays) / 2 + turnoverPerDay * lock.gridDays,
  );
  const firstPacks = Math.max(1, Math.ceil(bytes / PACK_BYTES));
  // A run in which anything changed writes a pack at least.
  const changingRuns = Math.min(1, (records * dailyChange) / runsPerDay);
  const changedPacks = changingRuns * Math.max(1, Math.ceil(changedBytesPerRun / PACK_BYTES));
  const packsPerRun = changedPacks + repackedBytesPerDay / runsPerDay / PACK_BYTES;
  const changedRecords =
    Math.max(1, (records * dailyChange) / runsPerDay) / Math.max(1, changedPacks);
  const lifeDays = Math.min(packLifeDays(dailyChange, changedRecords), years * DAYS_PER_YEAR);
  const livePacks = Math.min(
    Math.max(records, firstPacks),
    Math.ceil(firstPacks + changedPacks * runsPerDay * lifeDays),
  );
  const packsPerDay = packsPerRun * runsPerDay;
  const historyPacks = points.reduce(
    (sum, { count, gapDays }) => sum + count * Math.min(livePacks, packsPerDay * gapDays),
    packsPerDay * lock.gridDays,
  );
  const keptSnapshots = Math.ceil(points.reduce((sum, { count }) => sum + count, 0));
  const snapshotBytes = records * MANIFEST_BYTES_PER_RECORD + livePacks * SEAL_BYTES_PER_PACK;
  return {
    runsPerMonth: runsPerDay * DAYS_PER_MONTH,
    changedBytesPerRun,
    repackedBytesPerDay,
    packsPerRun,
    partsPerRun: Math.max(1, packsPerRun, Math.ceil(records / PART_LINES)),
    firstPacks,
    livePacks,
    historyPacks: Math.ceil(historyPacks),
    keptSnapshots,
    snapshotBytes,
    storedBytes: bytes + history + lingering + keptSnapshots * snapshotBytes,
  };
}

/**
 * How long the newest snapshot needs a pack: until less than half of its records is left, each of
 * which changes some day by chance. A pack of many lives ln 2 of a record's time. Of two records
 * one is half: both must change, which takes half as long again as one.
 */
function packLifeDays(dailyChange: number, recordsPerPack: number): number {
  return dailyChange === 0 ? 0 : Math.min(1.5, Math.LN2 + 1.6 / recordsPerPack) / dailyChange;
}

/**
 * A pack is written anew once what expired in it has lingered, where each changed record may be in
 * another pack; or once less than half of it is needed, which is at most as much as has changed.
 */
function repackedPerDay(
  { lingerDays }: Policy,
  { records, bytes, dailyChange }: SourceSize,
): number {
  const worn = records * dailyChange * Math.min(bytes, PACK_BYTES);
  return Math.max(Math.min(bytes / lingerDays, worn), bytes * dailyChange);
}

/** Kept points in time by the time between them: a tier reaches further back than a finer one. */
function pointsOf({ snapshots, backup }: Policy): { count: number; gapDays: number }[] {
  let coveredDays = 0;
  return TIERS.filter((tier) => snapshots.keep[tier] > 0).flatMap((tier) => {
    const gapDays = Math.max(PERIOD_DAYS[tier], backup.everyHours / 24);
    const reachDays = (snapshots.keep[tier] + 1) * PERIOD_DAYS[tier];
    const count = Math.max(0, reachDays - coveredDays) / gapDays;
    coveredDays = Math.max(coveredDays, reachDays);
    return count === 0 ? [] : [{ count, gapDays }];
  });
}

/**
 * A lock is extended when it falls under the minimum and the renewal's head start, to the horizon;
 * in full mode, whenever a snapshot of the longest tier is begun. Never twice in a grid step. A
 * pack that lives on for a short time only is extended once.
 */
function lockExtensionsPerMonth(policy: Policy, shape: Shape): number {
  const { lock, snapshots } = policy;
  const longest = longestKeptDays(snapshots.keep);
  const reach = Math.min(longest, rollingReachDays(lock));
  const due = Math.min(longest, lock.minimumDays + RENEW_AHEAD_DAYS);
  const longestPeriod = Math.max(
    ...TIERS.filter((tier) => snapshots.keep[tier] > 0).map((tier) => PERIOD_DAYS[tier]),
  );
  const isFull = lock.mode === 'full';
  const everyDays = isFull ? longestPeriod : reach - due;
  // What is kept no longer than a lock reaches at first is never extended unless it lives on.
  const old = isFull || longest <= reach ? 0 : shape.historyPacks + 2 * shape.keptSnapshots;
  return Math.max(
    ((shape.livePacks + old) * DAYS_PER_MONTH) / Math.max(lock.gridDays, everyDays),
    shape.packsPerRun * shape.runsPerMonth,
  );
}

/** One request for what fits into a part; more for a multi-part write: begin, parts, complete. */
function writesOf(bytes: number, objects: number): number {
  if (objects === 0) {
    return 0;
  }
  const parts = Math.min(MAX_PARTS, Math.ceil(bytes / objects / PART_BYTES));
  return objects * (parts <= 1 ? 1 : parts + 2);
}

function computeOf(bytes: number, records: number): number {
  const { bytesPerSecond, recordsPerSecond, secondsPerRun } = COMPUTE;
  return COMPUTE_GB * (secondsPerRun + bytes / bytesPerSecond + records / recordsPerSecond);
}
