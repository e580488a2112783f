import { newUpkeep } from '../domain/retention-records.ts';
import type { Change, Ledger } from '../ports/ledger.ts';

/**
 * Sees to it that a snapshot that comes into the ledger late is looked at by `settlePacks`, and all
 * behind it once more: whether they need what it has dropped, only their seals tell. Written even
 * when it says nothing new, so that a pass that is at work meanwhile looks again.
 *
 * @returns what is to be written in one transaction with the snapshot.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function unsettledBy(
  ledger: Ledger,
  { vaultId, snapshotId }: { readonly vaultId: string; readonly snapshotId: string },
): Promise<Change> {
  const upkeep = await ledger.get('upkeep', vaultId);
  const record = upkeep?.record ?? newUpkeep(vaultId);
  const expect = upkeep?.version ?? 'absent';
  const { settledThrough } = record;
  if (settledThrough === null || settledThrough < snapshotId) {
    return { record, expect };
  }
  let before: string | null = null;
  for await (const { record: other } of ledger.list('snapshot', { vaultId })) {
    if (other.snapshotId >= snapshotId) {
      break;
    }
    before = other.snapshotId;
  }
  return { record: { ...record, settledThrough: before }, expect };
}
