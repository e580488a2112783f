import type { PerCopy } from '../domain/copy-name.ts';
import type { Snapshot, StoredObject, Vault } from '../domain/records.ts';

/** All that a restore needs to know of the ledger. Everything else is in the copies. */
export interface RestorePlan {
  readonly vaultId: string;
  readonly snapshotId: string;
  /** The vault's KMS key ARN in each Region. */
  readonly keys: PerCopy<string>;
  readonly seal: StoredObject;
}

/** @returns what a restore of this snapshot reads. */
export function planFor({ vaultId, keys }: Vault, snapshot: Snapshot): RestorePlan {
  const { snapshotId, seal } = snapshot;
  return { vaultId, snapshotId, keys: snapshot.keys ?? keys, seal };
}
