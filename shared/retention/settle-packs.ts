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

/** What is not settled yet. */
export interface Unsettled {
  /** By the pack's id. */
  readonly news: ReadonlyMap<string, PackNews>;
  /** The snapshots that were looked at. */
  readonly lookedAt: ReadonlySet<string>;
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
 * @throws HoldfastError `OBJECT_MISSING`, `OBJECT_DAMAGED`, `COPY_UNAVAILABLE`, `COPY_DENIED` when
 * a seal can be read from neither copy; `LEDGER_UNAVAILABLE`.
 */
export async function findUnsettled(
  services: SettlingServices,
  { vaultId, lastSnapshotId }: Pick<Vault, 'vaultId' | 'lastSnapshotId'>,
): Promise<Unsettled> {
  const before = await settledThrough(services, vaultId);
  if (lastSnapshotId === null || lastSnapshotId === before) {
    return { news: new Map(), lookedAt: new Set() };
  }
  const history = await PackHistory.read(services.ledger, vaultId);
  const snapshots = await snapshotsAfter(services, vaultId, before);
  for (const snapshot of snapshots) {
    await lookAt(services, history, snapshot);
  }
  const lookedAt = new Set(snapshots.map(({ snapshotId }) => snapshotId));
  return { news: history.takeNews(), lookedAt };
}

/**
 * Records with each pack what `findUnsettled` finds out about it. Until it is dropped a pack counts
 * as needed by every later snapshot, which keeps too much and never too little. A pass that was cut
 * off is repeated with the same outcome.
 *
 * @throws HoldfastError as `findUnsettled` does, and `LEDGER_CONFLICT`.
 */
export async function settlePacks(
  services: SettlingServices,
  vault: Pick<Vault, 'vaultId' | 'lastSnapshotId'>,
): Promise<void> {
  const { vaultId } = vault;
  const before = await settledThrough(services, vaultId);
  const { news, lookedAt } = await findUnsettled(services, vault);
  if (lookedAt.size > 0) {
    await recordNews(services, vaultId, news);
    await recordThrough(services, vaultId, before, lookedAt);
  }
}

async function settledThrough(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<string | null> {
  return (await ledger.get('upkeep', vaultId))?.record.settledThrough ?? null;
}

/** All there are: what one of them drops another may name, so none may be left out for its age. */
async function snapshotsAfter(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
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

async function lookAt(
  services: SettlingServices,
  history: PackHistory,
  snapshot: Snapshot,
): Promise<void> {
  const needs = await packsNeededBy(services, snapshot);
  if (needs !== null) {
    history.add(snapshot.snapshotId, needs);
  }
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
 */
async function recordThrough(
  services: SettlingServices,
  vaultId: string,
  before: string | null,
  lookedAt: ReadonlySet<string>,
): Promise<void> {
  await writeDecision(services, async () => {
    const stored = await services.ledger.get('upkeep', vaultId);
    const present = stored?.record ?? newUpkeep(vaultId);
    let through = before;
    for (const { snapshotId } of await snapshotsAfter(services, vaultId, before)) {
      if (!lookedAt.has(snapshotId)) {
        break;
      }
      through = snapshotId;
    }
    const said = present.settledThrough;
    const isOwn = said === before || (said !== null && through !== null && said > through);
    const change: Change = {
      record: { ...present, settledThrough: through },
      expect: stored?.version ?? 'absent',
    };
    return { changes: isOwn ? [change] : [], result: undefined };
  });
}
