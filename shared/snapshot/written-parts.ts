import { isInAny } from '../domain/copy-name.ts';
import type { Snapshot, StoredObject } from '../domain/records.ts';
import type { ManifestPart } from '../domain/run-records.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import type { Services } from '../ports/services.ts';

/**
 * @returns the manifest parts of a snapshot, also of one under way, in order. Those that were only
 * announced are left out.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function writtenParts(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId, snapshotId }: { readonly vaultId: string; readonly snapshotId: string },
): Promise<ManifestPart[]> {
  const listed = await Array.fromAsync(ledger.list('manifest-part', { vaultId, snapshotId }));
  return listed.map(({ record }) => record).filter(isInAny);
}

/**
 * @returns the objects that belong to one snapshot alone, manifest parts and seal, in ascending
 * order of their keys. Packs are shared with other snapshots.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function snapshotObjects(
  services: Pick<Services, 'ledger'>,
  snapshot: Pick<Snapshot, 'vaultId' | 'snapshotId' | 'seal'>,
): Promise<StoredObject[]> {
  const objects = [...(await writtenParts(services, snapshot)), snapshot.seal];
  return objects.sort((a, b) => compareUtf8(a.key, b.key));
}
