import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { MovedObject, VaultMove } from '../domain/move-records.ts';
import type { Snapshot, StoredObject } from '../domain/records.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { changePacks } from '../retention/change-packs.ts';
import { type Extension, extendLocks } from '../retention/extend-locks.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import type { MovedObjects } from './rewrite-seal.ts';

type SwitchingServices = Pick<Services, 'copies' | 'ledger'>;

/**
 * Lets the ledger say of all packs that they are what the move has made of them. Snapshots are read
 * by their seals, and the old versions are still there: nobody notices. A lock that was extended
 * since is extended here as well.
 *
 * @param hasTime - asked between batches of 100 packs.
 * @returns `false` when it ran out of time; repeating it does the rest.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `OBJECT_MISSING`, `LEDGER_CONFLICT`.
 */
export async function switchPacks(
  services: SwitchingServices,
  vaultId: string,
  moved: MovedObjects,
  hasTime: () => boolean,
): Promise<boolean> {
  let batch: Extension<Stored<'pack'>>[] = [];
  const flush = async (): Promise<void> => {
    await lockAlike(services, batch, moved);
    const ends = new Map(batch.map(({ item, until }) => [item.record.key, until.toISOString()]));
    const packs = batch.map(({ item }) => item);
    await changePacks(services.ledger, packs, (pack) => {
      const after = moved.get(pack.key)?.after;
      const lockedUntil = ends.get(pack.key) ?? pack.lockedUntil;
      return after === undefined || after.sha256 === pack.sha256
        ? pack
        : { ...pack, ...after, lockedUntil };
    });
    batch = [];
  };
  for await (const stored of services.ledger.list('pack', { vaultId })) {
    const { record } = stored;
    const to = moved.get(record.key);
    if (to !== undefined && to.after.sha256 !== record.sha256) {
      batch.push(extensionOf(stored, [to], record.lockedUntil));
    }
    if (batch.length === MAX_LEDGER_WRITES) {
      await flush();
      if (!hasTime()) {
        return false;
      }
    }
  }
  await flush();
  return true;
}

/**
 * Lets the ledger say of one snapshot that it is what the move has made of it: its manifest parts
 * first, then, in one write, its seal and the keys that it is read with.
 *
 * @throws HoldfastError as `switchPacks` does; `OBJECT_DAMAGED` when its new seal cannot be read.
 */
export async function switchSnapshot(
  services: SwitchingServices,
  { moveId: _, to: keys }: VaultMove,
  snapshot: Snapshot,
  moved: MovedObjects,
): Promise<void> {
  const { vaultId, snapshotId } = snapshot;
  const listed = await Array.fromAsync(
    services.ledger.list('manifest-part', { vaultId, snapshotId }),
  );
  const parts = listed.filter(({ record }) => moved.has(record.key));
  const seal = storedOf(moved, snapshot.seal);
  const objects = [snapshot.seal, ...parts.map(({ record }) => record)];
  const extension = extensionOf(
    snapshot,
    objects.flatMap(({ key }) => moved.get(key) ?? []),
    snapshot.lockedUntil,
  );
  await lockAlike(services, [extension], moved);
  for (let start = 0; start < parts.length; start += MAX_LEDGER_WRITES) {
    const batch = parts.slice(start, start + MAX_LEDGER_WRITES);
    await services.ledger.write(
      batch.map(({ record, version }) => ({
        record: { ...record, ...storedOf(moved, record) },
        expect: version,
      })),
    );
  }
  const choice = new CopyChoice('any');
  const { counts } = await readSeal({ services, choice }, { vaultId, snapshotId, seal });
  const lockedUntil = extension.until.toISOString();
  await writeDecision(services, async () => {
    const stored = await services.ledger.get('snapshot', vaultId, snapshotId);
    const isDone = stored === undefined || stored.record.seal.sha256 === seal.sha256;
    const changes = isDone
      ? []
      : [{ record: { ...stored.record, seal, keys, counts, lockedUntil }, expect: stored.version }];
    return { changes, result: undefined };
  });
}

/** @returns an object as it is after the move. */
function storedOf(moved: MovedObjects, { key, ...before }: StoredObject): StoredObject {
  const { size, sha256, versions } = moved.get(key)?.after ?? before;
  return { key, size, sha256, versions };
}

/** New versions are locked as long as the ledger says of the old ones, or longer. */
function extensionOf<Item>(
  item: Item,
  moved: readonly MovedObject[],
  lockedUntil: string,
): Extension<Item> {
  const ends = [lockedUntil, ...moved.map(({ after }) => after.lockedUntil)];
  const objects = moved.map(({ key, after }) => ({ key, ...after }));
  return { item, objects, until: new Date(ends.toSorted().at(-1) ?? lockedUntil) };
}

/** Asks S3 only for what was written with an earlier end. */
async function lockAlike<Item>(
  { copies }: SwitchingServices,
  extensions: readonly Extension<Item>[],
  moved: MovedObjects,
): Promise<void> {
  const short = extensions.map(({ item, objects, until }) => ({
    item,
    until,
    objects: objects.filter(({ key }) => {
      const end = moved.get(key)?.after.lockedUntil;
      return end !== undefined && new Date(end) < until;
    }),
  }));
  const { failures } = await extendLocks(copies, short);
  if (failures.length > 0) {
    throw failures[0];
  }
}
