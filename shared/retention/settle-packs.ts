import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import { changePacks } from './change-packs.ts';

/** The snapshot that dropped a pack, by the pack's id. */
type Dropped = ReadonlyMap<string, string>;

/**
 * Finds out for the snapshots committed since the last time which packs each has dropped, and
 * records it with the packs. What a snapshot names says its seal; a pack that no snapshot had
 * dropped before and that is not among them was dropped by this one, or belongs to a run that was
 * never committed and now cannot be: another has taken its place.
 *
 * Only committed snapshots are looked at, so a pack never counts as dropped by a run that might
 * still fail. A pass that was cut off is repeated with the same outcome. Until a pack is settled it
 * counts as needed by every later snapshot, which keeps too much and never too little.
 *
 * One seal is read for each new snapshot, and no object for each pack.
 *
 * @throws HoldfastError `OBJECT_MISSING`, `OBJECT_DAMAGED`, `COPY_UNAVAILABLE`, `COPY_DENIED` when
 * a seal can be read from neither copy; `LEDGER_UNAVAILABLE`, `LEDGER_CONFLICT`.
 */
export async function settlePacks(
  services: Pick<Services, 'copies' | 'ledger'>,
  { vaultId, lastSnapshotId }: Pick<Vault, 'vaultId' | 'lastSnapshotId'>,
): Promise<void> {
  const upkeep = await services.ledger.get('upkeep', vaultId);
  const before = upkeep?.record.settledThrough ?? null;
  if (lastSnapshotId === null || lastSnapshotId === before) {
    return;
  }
  const fresh = await snapshotsBetween(services, vaultId, before, lastSnapshotId);
  const dropped = await findDropped(services, vaultId, fresh);
  await recordDropped(services, vaultId, dropped);
  const record = { kind: 'upkeep', vaultId, settledThrough: lastSnapshotId } as const;
  await services.ledger.write([{ record, expect: upkeep?.version ?? 'absent' }]);
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
  services: Pick<Services, 'copies' | 'ledger'>,
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
    const seal = await readSeal({ services, choice: new CopyChoice('any') }, snapshot);
    const named = new Set(seal.packs.map(({ packId }) => packId));
    for (const [packId, writer] of open) {
      if (writer <= snapshotId && !named.has(packId)) {
        dropped.set(packId, snapshotId);
        open.delete(packId);
      }
    }
  }
  return dropped;
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
