import type { Snapshot, SnapshotCounts, StoredObject } from '../domain/records.ts';
import { sealKey } from '../format/object-keys.ts';
import { type SealedPack, sealBytes } from '../format/seal.ts';
import type { Services } from '../ports/services.ts';
import { putInBoth } from './dual-upload.ts';
import type { PackOwner } from './pack-series.ts';
import type { RunLog } from './run-log.ts';

/** A snapshot on its way: when it was begun, and until when it is kept and locked. */
export interface Draft extends PackOwner {
  readonly createdAt: Date;
  readonly retainUntil: Date;
}

/** What a snapshot consists of, but for its seal. */
export interface SnapshotContent {
  /** Without `packs` and `packBytes`, which follow from the packs. */
  readonly counts: Omit<SnapshotCounts, 'packs' | 'packBytes'>;
  readonly manifests: readonly StoredObject[];
  /** Ascending by id. */
  readonly packs: readonly SealedPack[];
}

/** Writes the seal. It is announced first: a name is written once (format.md 1.2). */
export async function writeSeal(
  { copies }: Pick<Services, 'copies'>,
  draft: Draft,
  log: RunLog,
  { counts, manifests, packs }: SnapshotContent,
): Promise<{ seal: StoredObject; counts: SnapshotCounts }> {
  const { vaultId, snapshotId, lockedUntil } = draft;
  const packBytes = packs.reduce((sum, pack) => sum + pack.size, 0);
  const allCounts = { ...counts, packs: packs.length, packBytes };
  const names = { format: 1, vaultId, snapshotId, ...datesOf(draft) } as const;
  const bytes = sealBytes({ ...names, counts: allCounts, manifests, packs });
  const write = { lockedUntil, contentType: 'application/json' };
  const key = sealKey(vaultId, snapshotId);
  const announce = log.announceSeal.bind(log);
  return { seal: await putInBoth(copies, key, write, bytes, announce), counts: allCounts };
}

/** @returns the snapshot as the ledger is to have it. @param packsInBoth - as `lockPacks` says. */
export function snapshotOf(
  draft: Draft,
  { seal, counts, manifests }: Pick<Snapshot, 'seal' | 'counts' | 'manifests'>,
  packsInBoth: boolean,
): Snapshot {
  const { vaultId, snapshotId, runId } = draft;
  const isWhole = packsInBoth && [...manifests, seal].every(isInBoth);
  const protectionState = isWhole ? 'protected' : 'single-copy';
  const names = { kind: 'snapshot', vaultId, snapshotId, runId } as const;
  return { ...names, ...datesOf(draft), manifests, seal, counts, protectionState };
}

function datesOf({ createdAt, retainUntil, lockedUntil }: Draft) {
  return {
    createdAt: createdAt.toISOString(),
    retainUntil: retainUntil.toISOString(),
    lockedUntil: lockedUntil.toISOString(),
  };
}

function isInBoth({ versions }: StoredObject): boolean {
  return versions.primary !== null && versions.secondary !== null;
}
