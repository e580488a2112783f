import { isInBoth } from '../domain/copy-name.ts';
import type { Snapshot, SnapshotCounts, StoredObject } from '../domain/records.ts';
import { type SnapshotDates, toInstants } from '../domain/snapshot-dates.ts';
import { sealKey } from '../format/object-keys.ts';
import { type SealedPack, sealBytes } from '../format/seal.ts';
import type { Services } from '../ports/services.ts';
import { type BeforeSeen, putInBoth } from './dual-upload.ts';
import type { NamedPack } from './lock-packs.ts';
import type { PackOwner } from './pack-series.ts';

/** A snapshot on its way. */
export interface Draft extends PackOwner, SnapshotDates {}

/** What a snapshot consists of, but for its seal. */
export interface SnapshotContent {
  /** Without `packs` and `packBytes`, which follow from the packs. */
  readonly counts: Omit<SnapshotCounts, 'packs' | 'packBytes'>;
  readonly manifests: readonly StoredObject[];
  /** Ascending by id. */
  readonly packs: readonly NamedPack[];
  /** Plaintext bytes of the records that the manifest names in each of them, by its id. */
  readonly liveBytes: ReadonlyMap<string, number>;
}

/**
 * Writes the seal.
 * @param beforeSeen - called before it can be seen. @default nothing is done
 */
export async function writeSeal(
  { copies }: Pick<Services, 'copies'>,
  draft: Draft,
  { counts, manifests, packs: named, liveBytes }: SnapshotContent,
  beforeSeen?: BeforeSeen,
): Promise<{ seal: StoredObject; counts: SnapshotCounts }> {
  const { vaultId, snapshotId, lockedUntil } = draft;
  const packs = named.map(
    (pack): SealedPack => ({ ...pack, liveBytes: liveBytes.get(pack.packId) ?? 0 }),
  );
  const packBytes = packs.reduce((sum, pack) => sum + pack.size, 0);
  const allCounts = { ...counts, packs: packs.length, packBytes };
  const names = { format: 1, vaultId, snapshotId, ...toInstants(draft) } as const;
  const bytes = sealBytes({ ...names, counts: allCounts, manifests, packs });
  const write = { lockedUntil, contentType: 'application/json' };
  const key = sealKey(vaultId, snapshotId);
  return { seal: await putInBoth(copies, key, write, bytes, beforeSeen), counts: allCounts };
}

/** @returns the snapshot as the ledger is to have it. @param packsInBoth - as `lockPacks` says. */
export function snapshotOf(
  draft: Omit<Draft, 'keys'>,
  {
    seal,
    counts,
    manifests,
  }: Pick<Snapshot, 'seal' | 'counts'> & Pick<SnapshotContent, 'manifests'>,
  packsInBoth: boolean,
): Snapshot {
  const { vaultId, snapshotId, runId } = draft;
  const isWhole = packsInBoth && [...manifests, seal].every(isInBoth);
  const protectionState = isWhole ? 'protected' : 'single-copy';
  const names = { kind: 'snapshot', vaultId, snapshotId, runId } as const;
  return { ...names, ...toInstants(draft), expiredAt: null, seal, counts, protectionState };
}
