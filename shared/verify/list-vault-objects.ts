import { idTime } from '../domain/ids.ts';
import type { StoredObject } from '../domain/records.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { snapshotObjects } from '../snapshot/written-parts.ts';

/** An object that the copies are to hold, and what was found when they were read. */
export interface VaultObject {
  readonly stored: StoredObject;
  readonly writtenAt: Date;
  /** `undefined` when neither copy was ever read. */
  readonly reading: Stored<'reading'> | undefined;
}

/**
 * Lists what the copies are to hold of a vault now: packs, manifests and seals, in ascending order
 * of their keys and in constant memory. What no snapshot names any more, and is locked no longer,
 * may be gone at any moment.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function* listVaultObjects(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  vaultId: string,
): AsyncGenerator<VaultObject> {
  const now = clock.now();
  const readings = ledger.list('reading', { vaultId })[Symbol.asyncIterator]();
  let reading = await readings.next();
  for await (const { stored, writtenAt } of listStored(ledger, vaultId, now)) {
    while (!reading.done && compareUtf8(reading.value.record.key, stored.key) < 0) {
      reading = await readings.next();
    }
    const isOfThis = !reading.done && reading.value.record.key === stored.key;
    yield { stored, writtenAt, reading: isOfThis ? reading.value : undefined };
  }
}

/** In order of keys: `packs/` comes before `snapshots/`, and ids ascend in both (format.md 1.1). */
async function* listStored(
  ledger: Services['ledger'],
  vaultId: string,
  now: Date,
): AsyncGenerator<Omit<VaultObject, 'reading'>> {
  for await (const { record } of ledger.list('pack', { vaultId })) {
    if (record.droppedBy === null || new Date(record.lockedUntil) > now) {
      yield { stored: record, writtenAt: idTime(record.packId) };
    }
  }
  for await (const { record } of ledger.list('snapshot', { vaultId })) {
    if (record.expiredAt === null || new Date(record.lockedUntil) > now) {
      const writtenAt = new Date(record.createdAt);
      const objects = await snapshotObjects({ ledger }, record);
      yield* objects.map((stored) => ({ stored, writtenAt }));
    }
  }
}
