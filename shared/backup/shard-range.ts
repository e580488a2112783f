import type { PathRange } from '../domain/path-range.ts';
import { ALL_PATHS } from '../domain/path-range.ts';
import type { BackupShard } from '../domain/run-records.ts';
import { openRange, type RangeIdentity, sealRange } from '../format/shard-range.ts';
import type { Services } from '../ports/services.ts';
import type { PackOwner } from './pack-series.ts';

/** A shard's range as the ledger has it. */
export type StoredRange = Pick<BackupShard, 'range' | 'reachesEnd'>;

/** @returns the range of a shard. @throws HoldfastError as `openRange` does. */
export async function rangeOf(
  { custody }: Pick<Services, 'custody'>,
  owner: PackOwner,
  { shard, range }: Pick<BackupShard, 'shard' | 'range'>,
): Promise<PathRange> {
  if (range === null) {
    return ALL_PATHS;
  }
  const origin = { copy: 'primary', object: `range of shard ${shard}` } as const;
  const keyring = custody.unwrapping(owner.keys, 'primary');
  return openRange(keyring, identityOf(owner, shard), range, origin);
}

/** @returns a range as it may lie in the ledger. @throws HoldfastError as `sealRange` does. */
export async function storedRange(
  { custody }: Pick<Services, 'custody'>,
  owner: PackOwner,
  shard: number,
  range: PathRange,
): Promise<StoredRange> {
  const sealed = await sealRange(custody.wrapping(owner.keys), identityOf(owner, shard), range);
  return { range: sealed, reachesEnd: range.upTo === null };
}

function identityOf({ vaultId, snapshotId }: PackOwner, shard: number): RangeIdentity {
  return { vaultId, snapshotId, object: `range/${shard}` };
}
