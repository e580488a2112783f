import { expect } from 'vitest';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { beginMove } from '../../shared/move/begin-move.ts';
import { endDueMoves } from '../../shared/move/end-move.ts';
import { moveDueVaults } from '../../shared/move/move-due-vaults.ts';
import type { Services } from '../../shared/ports/services.ts';
import { backUp, restoredFrom, sourceOf } from './backed-up-vault.ts';
import { OPERATOR, registeredVault, vaultNow } from './living-installation.ts';
import type { MemoryServices } from './memory-services.ts';
import { snapshotRecords } from './retained-vault.ts';

const ENDLESS = () => Number.POSITIVE_INFINITY;

/** What a snapshot of the vault restores to, by its id. */
export type Contents = ReadonlyMap<string, Record<string, string>>;

/** A vault of branch keys with two snapshots: one record stayed, one came, one changed. */
export async function branchKeyVault(
  world: MemoryServices,
  policyId = 'consent-only',
): Promise<Vault> {
  const tier = 'shared-root' as const;
  const vault = await registeredVault(world, { policyId, tier });
  const source = sourceOf(world, vault);
  source.put('stays.txt', 'first');
  source.put('changes.txt', 'before');
  await backUp(world, vault);
  await world.clock.moveDays(1);
  source.put('changes.txt', 'after');
  source.put('comes.txt', 'new');
  await backUp(world, vault);
  return vault;
}

/** @returns what every kept snapshot restores to; both copies must agree. */
export async function contentsOf(world: MemoryServices, { vaultId }: Vault): Promise<Contents> {
  const vault = await vaultNow(world, vaultId);
  const kept = (await snapshotRecords(world, vault)).filter(({ expiredAt }) => expiredAt === null);
  const found = new Map<string, Record<string, string>>();
  for (const snapshot of kept) {
    const [one, other] = await Promise.all(
      COPY_NAMES.map((copy) => restoredFrom(world, vault, snapshot as Snapshot, copy)),
    );
    expect(one).toEqual(other);
    found.set(snapshot.snapshotId, one ?? {});
  }
  return found;
}

/** Asks for the move of a vault to keys of its own. */
export function begin(services: Services, { vaultId }: Pick<Vault, 'vaultId'>): Promise<Vault> {
  return beginMove(services, OPERATOR, vaultId, 'dedicated');
}

/** The hourly passes of the functions that move vaults and destroy what they gave up. */
export async function passes(services: Services): Promise<void> {
  await moveDueVaults(services, ENDLESS);
  await endDueMoves(services);
}

/** Half an hour later: what one function had for itself is free again. */
export async function halfAnHour({ clock }: MemoryServices): Promise<void> {
  await clock.moveTo(new Date(clock.now().getTime() + 30 * 60_000));
}

/** Moves a vault to its end. */
export async function moved(world: MemoryServices, vault: Vault): Promise<Vault> {
  await begin(world.services, vault);
  await passes(world.services);
  await halfAnHour(world);
  await passes(world.services);
  return vaultNow(world, vault.vaultId);
}
