import type { BackupShard } from '../domain/run-records.ts';

/** @returns the record of a shard that nobody has worked on. */
export function newShard(
  { vaultId, snapshotId }: Pick<BackupShard, 'vaultId' | 'snapshotId'>,
  shard: number,
  { range, reachesEnd }: Pick<BackupShard, 'range' | 'reachesEnd'>,
): BackupShard {
  const names = { kind: 'shard', vaultId, snapshotId, shard } as const;
  return { ...names, range, reachesEnd, nextPart: 0, pending: null, isDone: false };
}
