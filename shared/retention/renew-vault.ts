import { restingCopies } from '../backup/resting-copy.ts';
import type { KeptRanges } from '../domain/kept-ranges.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import {
  isLockDue,
  type Keeping,
  type LockRule,
  nextLock,
  RENEW_AHEAD_DAYS,
} from '../domain/lock.ts';
import type { Pack, Snapshot, Vault } from '../domain/records.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { snapshotObjects } from '../snapshot/written-parts.ts';
import { changePacks } from './change-packs.ts';
import { type Extension, extendLocks } from './extend-locks.ts';
import { type KeptInVault, keptInVault } from './kept-in-vault.ts';
import { settlePacks } from './settle-packs.ts';

export type RenewServices = Pick<Services, 'clock' | 'copies' | 'ledger'>;

/** What the renewal of one vault has done. */
export interface VaultRenewal {
  /** Objects whose lock was extended, in every copy that has them. */
  readonly extended: number;
  /** Snapshots that were looked at to find out which of them need each pack. */
  readonly settled: number;
  /** What kept others from it. */
  readonly failures: readonly unknown[];
  /** Whether all of the vault was looked at. */
  readonly isDone: boolean;
}

/**
 * Extends the locks of exactly those objects of a vault that a kept snapshot needs and whose lock
 * falls short. Its course:
 *
 * 1. settle which snapshots need each pack; where that fails, a pack counts as needed by all, and
 *    where the time is over, the next renewal goes on with it: a lock too many could not be undone
 * 2. packs: what the ledger says of their locks decides, and only what is due is asked of S3
 * 3. manifests and seals of kept snapshots
 *
 * The copies first, then the ledger, which must never promise a lock that is not there. So whatever
 * cuts it off, the next renewal does the rest, and S3 is not asked twice for what is done. An
 * object that is in one copy only is left to the repair, which locks it as it writes it.
 *
 * The last snapshot of a vault is kept beyond its end while nothing takes its place. It counts as
 * such already a week before that end, or its locks might lapse between two renewals.
 *
 * @param hasTime - asked before each seal and between batches of 100 objects.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `LEDGER_CONFLICT`.
 */
export async function renewVault(
  all: RenewServices,
  vault: Vault,
  rule: LockRule,
  hasTime: () => boolean,
): Promise<VaultRenewal> {
  const services = { ...all, copies: restingCopies(all.copies) };
  const failures: unknown[] = [];
  const settling = await settlePacks(services, vault, hasTime).catch((error: unknown) => {
    failures.push(error);
    return { settled: 0, isDone: true };
  });
  const { settled } = settling;
  if (!settling.isDone) {
    return { extended: 0, settled, failures, isDone: false };
  }
  const kept = await keptInVault(services, vault, RENEW_AHEAD_DAYS);
  const renewal = { services, rule, now: services.clock.now(), hasTime, failures };
  const packs = await renewPacks(renewal, vault.vaultId, kept.ranges);
  const objects = packs.isDone ? await renewSnapshots(renewal, kept) : packs;
  const extended = packs.extended + (packs.isDone ? objects.extended : 0);
  return { extended, settled, failures, isDone: objects.isDone };
}

/** What the steps of one vault's renewal have in common. */
interface Renewal {
  readonly services: RenewServices;
  readonly rule: LockRule;
  readonly now: Date;
  readonly hasTime: () => boolean;
  readonly failures: unknown[];
}

type Step = Omit<VaultRenewal, 'settled' | 'failures'>;

/** Step 2. */
async function renewPacks(renewal: Renewal, vaultId: string, ranges: KeptRanges): Promise<Step> {
  const { services, hasTime, failures } = renewal;
  let extended = 0;
  let short: Extension<Stored<'pack'>>[] = [];
  const extendShort = async (): Promise<void> => {
    const outcome = await extendLocks(services.copies, short);
    await recordPacks(services, outcome.done);
    failures.push(...outcome.failures);
    extended += outcome.done.length;
    short = [];
  };
  for await (const stored of services.ledger.list('pack', { vaultId })) {
    const until = endDue(renewal, stored.record, ranges.keepingOf(stored.record));
    if (until !== null) {
      short.push({ item: stored, objects: [stored.record], until });
    }
    if (short.length === MAX_LEDGER_WRITES) {
      await extendShort();
      if (!hasTime()) {
        return { extended, isDone: false };
      }
    }
  }
  await extendShort();
  return { extended, isDone: true };
}

/** Step 3. */
async function renewSnapshots(renewal: Renewal, kept: KeptInVault): Promise<Step> {
  const { services, hasTime, failures } = renewal;
  let extended = 0;
  for (const snapshot of kept.snapshots) {
    const until = endDue(renewal, snapshot, kept.keepings.get(snapshot.snapshotId) ?? null);
    if (until === null) {
      continue;
    }
    if (!hasTime()) {
      return { extended, isDone: false };
    }
    const objects = await snapshotObjects(services, snapshot);
    const outcome = await extendLocks(services.copies, [{ item: snapshot, objects, until }]);
    failures.push(...outcome.failures);
    if (outcome.done.length > 0) {
      await recordSnapshot(services, snapshot, until);
      extended += objects.length;
    }
  }
  return { extended, isDone: true };
}

/** @returns the new end of a lock that falls short; `null` when it does not. */
function endDue(
  { rule, now }: Renewal,
  { lockedUntil }: { readonly lockedUntil: string },
  keeping: Keeping | null,
): Date | null {
  const isDue = keeping !== null && isLockDue(rule, keeping, new Date(lockedUntil), now);
  return isDue ? nextLock(rule, keeping, now) : null;
}

async function recordPacks(
  { ledger }: Pick<Services, 'ledger'>,
  extensions: readonly Extension<Stored<'pack'>>[],
): Promise<void> {
  const ends = new Map(extensions.map(({ item, until }) => [item.record.packId, until]));
  const packs = extensions.map(({ item }) => item);
  const locked = new Map(packs.map(({ record }) => [record.packId, record.sha256]));
  // One that was written anew meanwhile is another version, whose lock was not extended.
  const change = (pack: Pack): Pack =>
    locked.get(pack.packId) === pack.sha256 ? withLock(pack, ends.get(pack.packId)) : pack;
  await changePacks(ledger, packs, change);
}

async function recordSnapshot(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId, snapshotId, seal }: Snapshot,
  until: Date,
): Promise<void> {
  await writeDecision({ ledger }, async () => {
    const stored = await ledger.get('snapshot', vaultId, snapshotId);
    const isSame = stored?.record.seal.sha256 === seal.sha256;
    const record = stored && (isSame ? withLock(stored.record, until) : stored.record);
    const isNew = stored !== undefined && record !== undefined && record !== stored.record;
    return { changes: isNew ? [{ record, expect: stored.version }] : [], result: undefined };
  });
}

/** A lock that lasts longer already stays as it is. */
function withLock<Item extends { readonly lockedUntil: string }>(
  item: Item,
  until: Date | undefined,
): Item {
  const isLonger = until !== undefined && until > new Date(item.lockedUntil);
  return isLonger ? { ...item, lockedUntil: until.toISOString() } : item;
}
