import type { PerCopy } from '../../shared/domain/copy-name.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import type { Pack, Snapshot, StoredObject, Vault } from '../../shared/domain/records.ts';
import { parseSeal } from '../../shared/format/seal.ts';
import type { Copy } from '../../shared/ports/copy.ts';
import type { Services } from '../../shared/ports/services.ts';
import { snapshotObjects } from '../../shared/snapshot/written-parts.ts';
import { backUp, bytesIn, sourceOf } from './backed-up-vault.ts';
import type { MemoryServices } from './memory-services.ts';

/** Backs a vault up on each of some days; on each day one record of its own is new or changed. */
export async function backUpDaily(
  world: MemoryServices,
  vault: Vault,
  days: number,
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for (let day = 0; day < days; day += 1) {
    // Of four records each day another one changes, so that every pack is dropped in the end.
    sourceOf(world, vault).put(`record-${day % 4}`, `as of ${world.clock.now().toISOString()}`);
    snapshots.push(await backUp(world, vault));
    await world.clock.moveDays(1);
  }
  return snapshots;
}

/** @returns all records of packs that the ledger has of a vault. */
export async function packRecords({ ledger }: MemoryServices, vault: Vault): Promise<Pack[]> {
  const packs = await Array.fromAsync(ledger.list('pack', { vaultId: vault.vaultId }));
  return packs.map(({ record }) => record);
}

/** @returns all records of snapshots that the ledger has of a vault. */
export async function snapshotRecords(
  { ledger }: MemoryServices,
  vault: Vault,
): Promise<Snapshot[]> {
  const snapshots = await Array.fromAsync(ledger.list('snapshot', { vaultId: vault.vaultId }));
  return snapshots.map(({ record }) => record);
}

/** @returns every object that a snapshot consists of, as its own seal says. */
export async function objectsOf(
  world: MemoryServices,
  snapshot: Snapshot,
): Promise<StoredObject[]> {
  const origin = { copy: 'primary', object: snapshot.seal.key } as const;
  const seal = parseSeal(await bytesIn(world, 'primary', snapshot.seal), snapshot, origin);
  const known = await Array.fromAsync(world.ledger.list('pack', { vaultId: snapshot.vaultId }));
  const packs = seal.packs.flatMap(({ packId }) =>
    known.flatMap(({ record }) => (record.packId === packId ? [record] : [])),
  );
  return [...packs, ...(await snapshotObjects(world.services, snapshot))];
}

/** @returns the end of an object's lock in both copies, as they say themselves. */
export async function locksOf(
  { copies }: MemoryServices,
  { key, versions }: StoredObject,
): Promise<(Date | null)[]> {
  const states = await Promise.all(
    COPY_NAMES.map((copy) => copies[copy].inspect(key, versions[copy] ?? '')),
  );
  return states.map((state) => state?.lockedUntil ?? null);
}

/** Services that count what is asked of the copies, by method and key. */
export function counting(services: Services): {
  readonly services: Services;
  readonly calls: { readonly method: string; readonly key: string; readonly until?: string }[];
} {
  const calls: { method: string; key: string; until?: string }[] = [];
  const watch = (copy: Copy): Copy =>
    new Proxy(copy, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') {
          return member;
        }
        return (...args: unknown[]) => {
          const [key, , until] = args as [string, string, unknown];
          const end = until instanceof Date ? { until: until.toISOString() } : {};
          calls.push({ method: String(name), key: `${target.name} ${key}`, ...end });
          return Reflect.apply(member, target, args);
        };
      },
    });
  const copies: PerCopy<Copy> = {
    primary: watch(services.copies.primary),
    secondary: watch(services.copies.secondary),
  };
  return { services: { ...services, copies }, calls };
}
