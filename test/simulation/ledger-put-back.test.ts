import { expect, test } from 'vitest';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { rebuildLedger } from '../../shared/rebuild/rebuild-ledger.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { backUp, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import {
  FIVE_WEEKS,
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { backUpDaily, snapshotRecords } from '../support/retained-vault.ts';
import { listedKeys } from '../support/swept-vault.ts';

const ALWAYS = () => true;

/**
 * Sixty daily backups; then, in one day, perhaps one more, and a sweep that removes what has ended
 * meanwhile; then the ledger of the evening before.
 */
async function putBack(options: { backsUp: boolean }) {
  const living = livingInstallation();
  const vault = await registeredVault(living, { policyId: FIVE_WEEKS.id });
  await backUpDaily(living, vault, 60);
  await sweepCopies(living.services, ALWAYS);
  const yesterday = living.ledger.copy();
  await living.clock.moveDays(7);
  let newest: Snapshot | undefined;
  if (options.backsUp) {
    sourceOf(living, vault).put('record-0', 'of the lost day');
    newest = await backUp(living, vault);
  }
  await renewLocks(living.services, ALWAYS);
  const { removed } = await sweepCopies(living.services, ALWAYS);
  expect(removed).toBeGreaterThan(0);
  const world = { ...living, ledger: yesterday };
  return {
    world: { ...world, services: { ...living.services, ledger: yesterday } },
    vault,
    newest,
  };
}

/** Every snapshot whose end has not come is restored, from the one and the other copy in turn. */
async function expectAllRestorable(world: MemoryServices, vault: Vault): Promise<number> {
  const now = world.clock.now().toISOString();
  const kept = (await snapshotRecords(world, vault)).filter(({ retainUntil }) => retainUntil > now);
  for (const [index, snapshot] of kept.entries()) {
    const copy = COPY_NAMES[index % COPY_NAMES.length] ?? 'primary';
    const found = await restoredFrom(world, vault, snapshot, copy);
    expect(Object.keys(found)).toHaveLength(snapshot.counts.records);
  }
  return kept.length;
}

test('the ledger of the day before a sweep lets the same go again, and loses nothing', async () => {
  const { world, vault } = await putBack({ backsUp: false });
  const keys = await listedKeys(world);
  expect(await expectAllRestorable(world, vault)).toBeGreaterThan(20);
  await renewLocks(world.services, ALWAYS);
  const { stopped } = await sweepCopies(world.services, ALWAYS);
  expect(stopped).toBe(0);
  expect(await listedKeys(world)).toEqual(keys);
  const { state } = await vaultNow(world, vault.vaultId);
  expect(state).toBe('ACTIVE');
  await backUp(world, vault);
  expect(await expectAllRestorable(world, vault)).toBeGreaterThan(20);
});

test('a backup that it does not know stops the sweep, and comes back by a rebuild', async () => {
  const { world, vault, newest } = await putBack({ backsUp: true });
  const keys = await listedKeys(world);
  expect((await sweepCopies(world.services, ALWAYS)).stopped).toBe(1);
  expect(await listedKeys(world)).toEqual(keys);
  await rebuildLedger(world.services, OPERATOR, { from: 'secondary', dryRun: false });
  const { lastSnapshotId } = await vaultNow(world, vault.vaultId);
  expect(lastSnapshotId).toBe(newest?.snapshotId);
  expect((await sweepCopies(world.services, ALWAYS)).stopped).toBe(0);
  const found = await restoredFrom(world, vault, newest as Snapshot, 'primary');
  expect(found['record-0']).toBe('of the lost day');
  await backUp(world, vault);
  await renewLocks(world.services, ALWAYS);
  expect((await sweepCopies(world.services, ALWAYS)).stopped).toBe(0);
  expect(await expectAllRestorable(world, vault)).toBeGreaterThan(20);
});
