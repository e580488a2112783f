import { isFault } from '../domain/errors.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import { newUpkeep } from '../domain/retention-records.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import { changePacks } from './change-packs.ts';

type SettlingServices = Pick<Services, 'clock' | 'copies' | 'ledger'>;

/** The snapshot that dropped a pack, by the pack's id. */
type Dropped = ReadonlyMap<string, string>;

/** What is not settled yet. */
export interface Unsettled {
  readonly dropped: Dropped;
  /** The last snapshot that was looked at; `null` when there was none to look at. */
  readonly through: string | null;
}

/**
 * Finds out for the snapshots committed since the last time which packs each has dropped. What a
 * snapshot names says its seal; a pack that no snapshot had dropped before and that is not among
 * them was dropped by this one, or belongs to a run that was never committed and now cannot be:
 * another has taken its place.
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
    return { dropped: new Map(), through: null };
  }
  const fresh = await snapshotsBetween(services, vaultId, before, lastSnapshotId);
  return { dropped: await findDropped(services, vaultId, fresh), through: lastSnapshotId };
}

/**
 * Records with each pack which snapshot has dropped it, as `findUnsettled` finds out. Until then a
 * pack counts as needed by every later snapshot, which keeps too much and never too little. A pass
 * that was cut off is repeated with the same outcome.
 *
 * @throws HoldfastError as `findUnsettled` does, and `LEDGER_CONFLICT`.
 */
export async function settlePacks(
  services: SettlingServices,
  vault: Pick<Vault, 'vaultId' | 'lastSnapshotId'>,
): Promise<void> {
  const { dropped, through } = await findUnsettled(services, vault);
  if (through === null) {
    return;
  }
  const { vaultId } = vault;
  await recordDropped(services, vaultId, dropped);
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

/** Only ids are held: of 100,000 packs about 20 MB, and one seal at a time beside them. */
async function findDropped(
  services: SettlingServices,
  vaultId: string,
  snapshots: readonly Snapshot[],
): Promise<Dropped> {
  const open = new Map<string, string>();
  for await (const { record } of services.ledger.list('pack', { vaultId })) {
    if (record.droppedBy === null) {
      open.set(record.packId, record.snapshotId);
    }
  }
  const dropped = new Map<string, string>();
  for (const snapshot of snapshots) {
    const { snapshotId } = snapshot;
    const named = await packsNamedBy(services, snapshot);
    for (const [packId, writer] of open) {
      if (named !== null && writer <= snapshotId && !named.has(packId)) {
        dropped.set(packId, snapshotId);
        open.delete(packId);
      }
    }
  }
  return dropped;
}

/** @returns `null` when that cannot be known any more, and need not. */
async function packsNamedBy(
  services: SettlingServices,
  snapshot: Snapshot,
): Promise<ReadonlySet<string> | null> {
  try {
    const seal = await readSeal({ services, choice: new CopyChoice('any') }, snapshot);
    return new Set(seal.packs.map(({ packId }) => packId));
  } catch (error) {
    const isOver = new Date(snapshot.retainUntil) < services.clock.now();
    if (isOver && isFault(error, 'OBJECT_MISSING')) {
      return null;
    }
    throw error;
  }
}

async function recordDropped(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  dropped: Dropped,
): Promise<void> {
  if (dropped.size === 0) {
    return;
  }
  let batch: Stored<'pack'>[] = [];
  const write = async (): Promise<void> => {
    await changePacks(ledger, batch, (pack) => {
      const droppedBy = dropped.get(pack.packId);
      return droppedBy === undefined ? pack : { ...pack, droppedBy };
    });
    batch = [];
  };
  for await (const stored of ledger.list('pack', { vaultId })) {
    if (dropped.has(stored.record.packId)) {
      batch.push(stored);
    }
    if (batch.length === MAX_LEDGER_WRITES) {
      await write();
    }
  }
  await write();
}
