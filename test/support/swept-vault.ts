import { expect } from 'vitest';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { sweepOnRequest } from '../../shared/retention/sweep-copies.ts';
import { sweepLimits } from '../../shared/retention/sweep-stop.ts';
import { restoredFrom } from './backed-up-vault.ts';
import { OPERATOR } from './living-installation.ts';
import { type MemoryServices, TEST_INSTALLATION } from './memory-services.ts';
import { locksOf, objectsOf, snapshotRecords } from './retained-vault.ts';

/** How much may go in one sweep, as of the tests' installation. */
export const LIMITS = sweepLimits(TEST_INSTALLATION);

/** Sweeps a vault as a person does who has seen what would go. */
export async function sweepConfirmed({ services }: Pick<MemoryServices, 'services'>, vault: Vault) {
  const { vaultId } = vault;
  return sweepOnRequest(services, { vaultId, actor: OPERATOR, isConfirmed: true }, () => true);
}

/** @returns the keys of all versions that lie in both copies, markers too. */
export async function listedKeys({ copies }: MemoryServices): Promise<string[]> {
  const both = await Promise.all(
    COPY_NAMES.map((copy) => Array.fromAsync(copies[copy].list('vaults/'))),
  );
  return both.flat().map(({ key }) => key);
}

/** @returns the keys of what is locked, once for each copy. */
export async function lockedKeys({ copies, clock }: MemoryServices): Promise<string[]> {
  const keys: string[] = [];
  for (const copy of COPY_NAMES) {
    for await (const { key, versionId } of copies[copy].list('vaults/')) {
      const state = await copies[copy].inspect(key, versionId);
      if (state?.lockedUntil && state.lockedUntil > clock.now()) {
        keys.push(key);
      }
    }
  }
  return keys;
}

/** Moves the clock just behind the end of a snapshot. */
export async function moveBehindEnd(
  { clock }: MemoryServices,
  { retainUntil }: Snapshot,
): Promise<void> {
  await clock.moveTo(new Date(Date.parse(retainUntil) + 1));
}

/**
 * Each kept snapshot is whole in both copies; the first and the last are restored from both.
 * @returns how many there are.
 */
export async function expectRestorable(world: MemoryServices, vault: Vault): Promise<number> {
  const kept = (await snapshotRecords(world, vault)).filter(({ expiredAt }) => expiredAt === null);
  for (const object of (await Promise.all(kept.map((one) => objectsOf(world, one)))).flat()) {
    for (const lock of await locksOf(world, object)) {
      expect(lock, object.key).not.toBeNull();
    }
  }
  for (const snapshot of new Set([kept[0], kept.at(-1)])) {
    for (const copy of COPY_NAMES) {
      const found = await restoredFrom(world, vault, snapshot as Snapshot, copy);
      expect(Object.keys(found)).toHaveLength(snapshot?.counts.records ?? 0);
    }
  }
  return kept.length;
}
