import { isFault } from '../domain/errors.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { LedgerRecord, Vault } from '../domain/records.ts';
import type { SweepCount } from '../domain/sweep-records.ts';
import { askLegalHold } from '../holds/ask-legal-hold.ts';
import type { Change, Ledger } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import type { DoomedObject, DoomedVersion } from './sweep-planner.ts';

/** Objects removed at once: up to one request per version, far below what S3 bears. */
const AT_ONCE = 16;

/** Records of one object: itself, its reading and its legal hold. */
const RECORDS_PER_OBJECT = 3;

/** What became of some objects. */
export interface Removal {
  readonly removed: SweepCount;
  /** Versions under a legal hold that the ledger does not know of. */
  readonly unknownHolds: number;
  readonly failures: readonly unknown[];
  /** Whether the time was enough. */
  readonly isDone: boolean;
}

/**
 * Removes objects by version id from the copies, and then what the ledger has of them. Seals go
 * first and packs last, so that what lies in a copy is at any moment a whole snapshot or none.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `LEDGER_CONFLICT`.
 */
export async function removeObjects(
  services: Pick<Services, 'copies' | 'ledger'>,
  { vaultId }: Pick<Vault, 'vaultId'>,
  doomed: readonly DoomedObject[],
  hasTime: () => boolean,
): Promise<Removal> {
  const ordered = doomed.toSorted((a, b) => rankOf(a) - rankOf(b));
  const failures: unknown[] = [];
  let [versions, bytes, unknownHolds, isDone] = [0, 0, 0, true];
  const stuck = new Set<string>();
  const removeFrom = async (object: DoomedObject, version: DoomedVersion): Promise<boolean> => {
    try {
      await services.copies[version.copy].remove(object.key, version.versionId);
      versions += 1;
      bytes += version.bytes;
      return true;
    } catch (error) {
      // S3 may know of a longer lock than the ledger does: that is expected, and it goes later.
      if (isFault(error, 'OBJECT_LOCKED')) {
        unknownHolds += (await hasUnknownHold(services, object, version)) ? 1 : 0;
      } else {
        failures.push(error);
      }
      return false;
    }
  };
  const removeOne = async (object: DoomedObject): Promise<boolean> => {
    const gone = await Promise.all(object.versions.map((version) => removeFrom(object, version)));
    if (gone.includes(false) && object.snapshotId !== null) {
      stuck.add(object.snapshotId);
    }
    return !gone.includes(false);
  };
  const batchSize = Math.floor(MAX_LEDGER_WRITES / RECORDS_PER_OBJECT);
  for (let start = 0; start < ordered.length && isDone; start += batchSize) {
    const batch = ordered.slice(start, start + batchSize);
    const gone: DoomedObject[] = [];
    for (let first = 0; first < batch.length; first += AT_ONCE) {
      const some = batch.slice(first, first + AT_ONCE);
      const outcomes = await Promise.all(some.map(removeOne));
      gone.push(...some.filter((_, index) => outcomes[index]));
    }
    await forget(
      services.ledger,
      gone.flatMap(({ records }) => records),
    );
    isDone = hasTime() || start + batchSize >= ordered.length;
  }
  if (isDone) {
    const ids = new Set(ordered.flatMap(({ snapshotId }) => snapshotId ?? []));
    const isErased = ordered.some(({ reason }) => reason === 'erased');
    for (const snapshotId of ids) {
      if (!stuck.has(snapshotId)) {
        await forgetSnapshot(services.ledger, { vaultId, snapshotId }, isErased);
      }
    }
  }
  return { removed: { versions, bytes }, unknownHolds, failures, isDone };
}

/** Such a hold no pass ever lifts: it would keep the object for ever, unsaid. */
async function hasUnknownHold(
  { copies }: Pick<Services, 'copies'>,
  { key, records }: DoomedObject,
  { copy, versionId }: DoomedVersion,
): Promise<boolean> {
  const isKnown = records.some(
    ({ record }) => record.kind === 'legal-hold' && record.on[copy] === versionId,
  );
  return !isKnown && (await askLegalHold(copies[copy], key, versionId)) === true;
}

function rankOf({ key }: DoomedObject): number {
  return ['/seal.json', '/manifest-', ''].findIndex((part) => key.includes(part));
}

/**
 * With the last of a snapshot's objects go its record and what is left of the run that wrote it.
 * They have their locks in common; a part that stays nevertheless is an orphan of the next sweep.
 * What a killed attempt has left under the name of a snapshot that was committed after all goes
 * alone: the snapshot is kept.
 */
async function forgetSnapshot(
  ledger: Ledger,
  parent: { readonly vaultId: string; readonly snapshotId: string },
  isErased: boolean,
): Promise<void> {
  const snapshot = await ledger.get('snapshot', parent.vaultId, parent.snapshotId);
  if (snapshot?.record.expiredAt === null && !isErased) {
    return;
  }
  await forget(ledger, [
    ...(await Array.fromAsync(ledger.list('manifest-part', parent))),
    ...(await Array.fromAsync(ledger.list('shard', parent))),
    ...(snapshot === undefined ? [] : [snapshot]),
  ]);
}

/** One that was changed meanwhile, as by a verification, is removed as it is now. */
async function forget(
  ledger: Ledger,
  records: readonly { readonly record: LedgerRecord; readonly version: number }[],
): Promise<void> {
  for (let start = 0; start < records.length; start += MAX_LEDGER_WRITES) {
    const batch = records.slice(start, start + MAX_LEDGER_WRITES);
    const changes = batch.map(
      ({ record, version }): Change => ({ record, expect: version, removes: true }),
    );
    try {
      await ledger.write(changes);
    } catch (error) {
      if (!isFault(error, 'LEDGER_CONFLICT')) {
        throw error;
      }
      for (const { record } of batch) {
        await forgetAnew(ledger, record);
      }
    }
  }
}

async function forgetAnew(ledger: Ledger, record: LedgerRecord): Promise<void> {
  const stored = await readAgain(ledger, record);
  if (stored !== undefined) {
    await ledger.write([{ record: stored.record, expect: stored.version, removes: true }]);
  }
}

async function readAgain(ledger: Ledger, record: LedgerRecord) {
  switch (record.kind) {
    case 'pack':
      return ledger.get('pack', record.vaultId, record.packId);
    case 'snapshot':
      return ledger.get('snapshot', record.vaultId, record.snapshotId);
    case 'moved-object':
      return ledger.get('moved-object', record.vaultId, record.key);
    case 'reading':
      return ledger.get('reading', record.vaultId, record.key);
    case 'legal-hold':
      return ledger.get('legal-hold', record.vaultId, record.key);
    case 'manifest-part':
      return ledger.get('manifest-part', record.vaultId, record.snapshotId, record.part);
    case 'shard':
      return ledger.get('shard', record.vaultId, record.snapshotId, record.shard);
    default:
      return undefined;
  }
}
