import { isFault } from '../domain/errors.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { Pack, Snapshot, Vault } from '../domain/records.ts';
import { newUpkeep } from '../domain/retention-records.ts';
import type { Change, Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import { changePacks } from './change-packs.ts';
import { PackHistory, type PackNews } from './pack-history.ts';

type SettlingServices = Pick<Services, 'clock' | 'copies' | 'ledger'>;

type SettledVault = Pick<Vault, 'vaultId' | 'lastSnapshotId'>;

/**
 * Snapshots whose news are recorded together: cut off, a pass has them to do again at most, and it
 * goes over all records of packs once for each of these steps.
 */
const SNAPSHOTS_AT_ONCE = 50;

/** What is not settled yet. */
export interface Unsettled {
  /** By the pack's id. */
  readonly news: ReadonlyMap<string, PackNews>;
  /** Whether every snapshot was looked at. */
  readonly isWhole: boolean;
}

/** How far the settling has come. */
export interface Settling {
  /** Snapshots that were looked at. */
  readonly settled: number;
  /** Whether none is left that was not. */
  readonly isDone: boolean;
}

/**
 * Finds out for the snapshots committed since the last time which packs each has dropped, and how
 * much it needs of the others. What a snapshot names says its seal; a pack that no snapshot had
 * dropped before and that is not among them was dropped by this one, or belongs to a run that was
 * never committed and now cannot be: another has taken its place. A pack that a later snapshot
 * names all the same is dropped no more: that one continues from a snapshot before the last, as
 * after the ledger was rolled back.
 *
 * Only committed snapshots are looked at, so a pack never counts as dropped by a run that might
 * still fail. One seal is read for each new snapshot, and no object for each pack. The seal of a
 * snapshot whose end is past may be gone already, when the ledger was restored from an earlier day:
 * then the next one tells.
 *
 * @param hasTime - asked before each seal.
 * @throws HoldfastError `OBJECT_MISSING`, `OBJECT_DAMAGED`, `COPY_UNAVAILABLE`, `COPY_DENIED` when
 * a seal can be read from neither copy; `LEDGER_UNAVAILABLE`.
 */
export async function findUnsettled(
  services: SettlingServices,
  vault: SettledVault,
  hasTime: () => boolean,
): Promise<Unsettled> {
  const before = await settledThrough(services, vault);
  if (isSettled(vault, before)) {
    return { news: new Map(), isWhole: true };
  }
  const history = await PackHistory.read(services.ledger, vault.vaultId);
  const snapshots = await snapshotsAfter(services, vault, before);
  const lookedAt = await lookAt(services, history, snapshots, hasTime);
  return { news: history.takeNews(), isWhole: lookedAt.size === snapshots.length };
}

/**
 * Records with each pack what `findUnsettled` finds out about it, some snapshots at a time. Until
 * it is dropped a pack counts as needed by every later snapshot, which keeps too much and never too
 * little; that it is, is certain when all snapshots were looked at. A pass that was cut off goes on
 * where it has recorded how far it was.
 *
 * @param hasTime - asked before each seal.
 * @throws HoldfastError as `findUnsettled` does, and `LEDGER_CONFLICT`.
 */
export async function settlePacks(
  services: SettlingServices,
  vault: SettledVault,
  hasTime: () => boolean,
): Promise<Settling> {
  let before = await settledThrough(services, vault);
  if (isSettled(vault, before)) {
    return { settled: 0, isDone: true };
  }
  const history = await PackHistory.read(services.ledger, vault.vaultId);
  const snapshots = await snapshotsAfter(services, vault, before);
  let settled = 0;
  for (let start = 0; start < snapshots.length; start += SNAPSHOTS_AT_ONCE) {
    const some = snapshots.slice(start, start + SNAPSHOTS_AT_ONCE);
    const lookedAt = await lookAt(services, history, some, hasTime);
    await recordNews(services, vault.vaultId, history.takeNews());
    const isRecorded = await recordThrough(services, vault, before, lookedAt);
    settled += lookedAt.size;
    if (!isRecorded || lookedAt.size < some.length) {
      return { settled, isDone: false };
    }
    before = some.at(-1)?.snapshotId ?? before;
  }
  return { settled, isDone: true };
}

function isSettled({ lastSnapshotId }: SettledVault, through: string | null): boolean {
  return lastSnapshotId === null || lastSnapshotId === through;
}

async function settledThrough(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId }: SettledVault,
): Promise<string | null> {
  return (await ledger.get('upkeep', vaultId))?.record.settledThrough ?? null;
}

/** All there are: what one of them drops another may name, so none may be left out for its age. */
async function snapshotsAfter(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId }: SettledVault,
  after: string | null,
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for await (const { record } of ledger.list('snapshot', { vaultId })) {
    if (after === null || record.snapshotId > after) {
      snapshots.push(record);
    }
  }
  return snapshots;
}

/** @returns those that the time was enough for, in their order. */
async function lookAt(
  services: SettlingServices,
  history: PackHistory,
  snapshots: readonly Snapshot[],
  hasTime: () => boolean,
): Promise<ReadonlySet<string>> {
  const lookedAt = new Set<string>();
  for (const snapshot of snapshots) {
    if (!hasTime()) {
      break;
    }
    const { snapshotId } = snapshot;
    const needs = await packsNeededBy(services, snapshot);
    if (needs !== null) {
      history.add(snapshotId, needs);
    }
    lookedAt.add(snapshotId);
  }
  return lookedAt;
}

/** @returns plaintext bytes by pack; `null` when that cannot be known any more, and need not. */
async function packsNeededBy(
  services: SettlingServices,
  snapshot: Snapshot,
): Promise<ReadonlyMap<string, number> | null> {
  try {
    const seal = await readSeal({ services, choice: new CopyChoice('any') }, snapshot);
    return new Map(seal.packs.map(({ packId, liveBytes }) => [packId, liveBytes]));
  } catch (error) {
    const isOver = new Date(snapshot.retainUntil) < services.clock.now();
    if (isOver && isFault(error, 'OBJECT_MISSING')) {
      return null;
    }
    throw error;
  }
}

async function recordNews(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  news: Unsettled['news'],
): Promise<void> {
  if (news.size === 0) {
    return;
  }
  let batch: Stored<'pack'>[] = [];
  const write = async (): Promise<void> => {
    await changePacks(ledger, batch, (pack) => withNews(pack, news.get(pack.packId)));
    batch = [];
  };
  for await (const stored of ledger.list('pack', { vaultId })) {
    if (news.has(stored.record.packId)) {
      batch.push(stored);
    }
    if (batch.length === MAX_LEDGER_WRITES) {
      await write();
    }
  }
  await write();
}

/** Since when a pack holds expired records, another pass may have found out meanwhile. */
function withNews(pack: Pack, news: PackNews | undefined): Pack {
  if (news === undefined) {
    return pack;
  }
  const { droppedBy, life } = news;
  const expiredSince = life?.wornBy == null ? null : (pack.life?.expiredSince ?? null);
  return { ...pack, droppedBy, life: life && { ...life, expiredSince } };
}

/**
 * Only what was looked at counts as such: a rebuild may have put a snapshot in between. Where
 * another pass has come to another end meanwhile, the earlier of the two is right, and what comes
 * behind it is looked at again.
 *
 * @returns whether all that was looked at counts as such now.
 */
async function recordThrough(
  services: SettlingServices,
  vault: SettledVault,
  before: string | null,
  lookedAt: ReadonlySet<string>,
): Promise<boolean> {
  return writeDecision(services, async () => {
    const stored = await services.ledger.get('upkeep', vault.vaultId);
    const present = stored?.record ?? newUpkeep(vault.vaultId);
    let [through, counted] = [before, 0];
    for (const { snapshotId } of await snapshotsAfter(services, vault, before)) {
      if (!lookedAt.has(snapshotId)) {
        break;
      }
      through = snapshotId;
      counted += 1;
    }
    const said = present.settledThrough;
    const isEarlier = said === before || (said !== null && through !== null && said > through);
    const change: Change = {
      record: { ...present, settledThrough: through },
      expect: stored?.version ?? 'absent',
    };
    const isNews = isEarlier && through !== said;
    return { changes: isNews ? [change] : [], result: isEarlier && counted === lookedAt.size };
  });
}
