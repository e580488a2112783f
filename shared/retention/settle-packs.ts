import { isFault } from '../domain/errors.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { Pack, Snapshot, Vault } from '../domain/records.ts';
import { newUpkeep, type PackLife } from '../domain/retention-records.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import { changePacks } from './change-packs.ts';

type SettlingServices = Pick<Services, 'clock' | 'copies' | 'ledger'>;

/** What is news about a pack. */
type PackNews = Pick<Pack, 'droppedBy' | 'life'>;

/** What is not settled yet. */
export interface Unsettled {
  /** By the pack's id. */
  readonly news: ReadonlyMap<string, PackNews>;
  /** The last snapshot that was looked at; `null` when there was none to look at. */
  readonly through: string | null;
}

/**
 * Finds out for the snapshots committed since the last time which packs each has dropped, and how
 * much it needs of the others. What a snapshot names says its seal; a pack that no snapshot had
 * dropped before and that is not among them was dropped by this one, or belongs to a run that was
 * never committed and now cannot be: another has taken its place.
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
  const upkeep = await services.ledger.get('upkeep', vaultId);
  const before = upkeep?.record.settledThrough ?? null;
  if (lastSnapshotId === null || lastSnapshotId === before) {
    return { news: new Map(), through: null };
  }
  const fresh = await snapshotsBetween(services, vaultId, before, lastSnapshotId);
  return { news: await findNews(services, vaultId, fresh), through: lastSnapshotId };
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
  const { news, through } = await findUnsettled(services, vault);
  if (through === null) {
    return;
  }
  const { vaultId } = vault;
  await recordNews(services, vaultId, news);
  await writeDecision(services, async () => {
    const stored = await services.ledger.get('upkeep', vaultId);
    const before = stored?.record ?? newUpkeep(vaultId);
    const record = { ...before, settledThrough: through };
    return { changes: [{ record, expect: stored?.version ?? 'absent' }], result: undefined };
  });
}

async function snapshotsBetween(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  after: string | null,
  through: string,
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for await (const { record } of ledger.list('snapshot', { vaultId })) {
    const { snapshotId } = record;
    if ((after === null || snapshotId > after) && snapshotId <= through) {
      snapshots.push(record);
    }
  }
  return snapshots;
}

/** What no snapshot has dropped so far, as it is looked at. */
interface OpenPack {
  readonly writer: string;
  life: PackLife | null;
}

/** Few fields are held: of 100,000 packs about 30 MB, and one seal at a time beside them. */
async function findNews(
  services: SettlingServices,
  vaultId: string,
  snapshots: readonly Snapshot[],
): Promise<Unsettled['news']> {
  const open = new Map<string, OpenPack>();
  for await (const { record } of services.ledger.list('pack', { vaultId })) {
    if (record.droppedBy === null) {
      open.set(record.packId, { writer: record.snapshotId, life: record.life });
    }
  }
  const news = new Map<string, PackNews>();
  for (const snapshot of snapshots) {
    const { snapshotId } = snapshot;
    const needs = await packsNeededBy(services, snapshot);
    for (const [packId, pack] of needs === null ? [] : open) {
      if (pack.writer > snapshotId) {
        continue;
      }
      const liveBytes = needs?.get(packId);
      if (liveBytes === undefined) {
        news.set(packId, { droppedBy: snapshotId, life: pack.life });
        open.delete(packId);
      } else if (pack.life?.liveBytes !== liveBytes) {
        pack.life = afterSnapshot(pack.life, snapshotId, liveBytes);
        news.set(packId, { droppedBy: null, life: pack.life });
      }
    }
  }
  return news;
}

/** A record that a run did not carry forward never comes back to its pack. */
function afterSnapshot(life: PackLife | null, snapshotId: string, liveBytes: number): PackLife {
  return life === null
    ? { bytes: liveBytes, liveBytes, wornBy: null, expiredSince: null }
    : { ...life, liveBytes, wornBy: life.wornBy ?? snapshotId };
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
    await changePacks(ledger, batch, (pack) => ({ ...pack, ...news.get(pack.packId) }));
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
