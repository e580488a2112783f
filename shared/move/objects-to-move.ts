import { isInAny } from '../domain/copy-name.ts';
import type { Snapshot, StoredObject } from '../domain/records.ts';
import type { MessageIdentity } from '../format/message.ts';
import type { Services } from '../ports/services.ts';
import { leftRanges } from '../retention/needed-objects.ts';
import { writtenParts } from '../snapshot/written-parts.ts';

/** An encrypted object that a snapshot needs. */
export interface ObjectToMove {
  readonly stored: StoredObject;
  readonly identity: MessageIdentity;
  /** End of its lock, as the ledger has it. */
  readonly lockedUntil: string;
}

/**
 * @returns the snapshots of a vault that have not expired, ascending by id.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function snapshotsToMove(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<Snapshot[]> {
  const snapshots = await Array.fromAsync(
    ledger.list('snapshot', { vaultId }),
    ({ record }) => record,
  );
  return snapshots.filter(({ expiredAt }) => expiredAt === null);
}

/**
 * Lists the packs and manifest parts that these snapshots need. What no snapshot needs any more
 * stays as it is: nobody can read it afterwards, and the sweep removes it.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function* objectsToMove(
  services: Pick<Services, 'ledger'>,
  vaultId: string,
  snapshots: readonly Snapshot[],
): AsyncGenerator<ObjectToMove> {
  const ranges = leftRanges(snapshots);
  for await (const { record } of services.ledger.list('pack', { vaultId })) {
    const { packId, snapshotId, lockedUntil } = record;
    if (isInAny(record) && ranges.keepingOf(record) !== null) {
      const object = `pack/${packId}` as const;
      yield { stored: record, identity: { vaultId, snapshotId, object }, lockedUntil };
    }
  }
  for (const { snapshotId, lockedUntil, ...snapshot } of snapshots) {
    for (const stored of await writtenParts(services, { ...snapshot, snapshotId })) {
      const object = `manifest/${stored.part}` as const;
      yield { stored, identity: { vaultId, snapshotId, object }, lockedUntil };
    }
  }
}
