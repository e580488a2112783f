import { HoldfastError } from '../domain/errors.ts';
import type { Snapshot } from '../domain/records.ts';
import type { Ledger } from '../ports/ledger.ts';

/** @throws HoldfastError `SNAPSHOT_UNKNOWN`. */
export async function requireSnapshot(
  ledger: Ledger,
  vaultId: string,
  snapshotId: string,
): Promise<Snapshot> {
  const found = await ledger.get('snapshot', vaultId, snapshotId);
  if (found === undefined) {
    throw new HoldfastError('SNAPSHOT_UNKNOWN', { vaultId, snapshotId });
  }
  return found.record;
}

/** @throws HoldfastError `SNAPSHOT_UNKNOWN`, `SNAPSHOT_EXPIRED`. */
export async function requireKeptSnapshot(
  ledger: Ledger,
  vaultId: string,
  snapshotId: string,
): Promise<Snapshot> {
  const snapshot = await requireSnapshot(ledger, vaultId, snapshotId);
  const { expiredAt } = snapshot;
  if (expiredAt !== null) {
    throw new HoldfastError('SNAPSHOT_EXPIRED', { vaultId, snapshotId, expiredAt });
  }
  return snapshot;
}

/** @returns the vault's last snapshot, `null` when it has none yet. */
export async function findSnapshot(
  ledger: Ledger,
  vaultId: string,
  snapshotId: string | null,
): Promise<Snapshot | null> {
  return snapshotId === null ? null : requireSnapshot(ledger, vaultId, snapshotId);
}
