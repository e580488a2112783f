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
import { listedKeys, sweepConfirmed } from '../support/swept-vault.ts';

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

test('a pack that the lost day dropped stays while a later snapshot needs it', async () => {
  const living = livingInstallation();
  const vault = await registeredVault(living, { policyId: 'consent-only' });
  const put = (path: string, text: string) => sourceOf(living, vault).put(path, text);
  put('a', 'a'.repeat(100));
  put('b', 'b'.repeat(150));
  await backUp(living, vault);
  put('b', 'other');
  await backUp(living, vault);
  const yesterday = living.ledger.copy();
  await sweepCopies(living.services, ALWAYS);
  await living.clock.moveDays(1);
  const lost = await backUp(living, vault);
  expect(lost.counts.readRecords).toBe(1);
  const services = { ...living.services, ledger: yesterday };
  const world = { ...living, ledger: yesterday, services };
  await living.clock.moveDays(1);
  put('d', 'new');
  const last = await backUp(world, vault);
  expect(last.counts).toMatchObject({ readRecords: 1, packs: 3 });
  for (const from of COPY_NAMES) {
    await rebuildLedger(services, OPERATOR, { from, dryRun: false });
  }
  // No further backup: the last snapshot is kept, and what it needs, long beyond its end.
  for (let day = 0; day < 150; day += 1) {
    await living.clock.moveDays(1);
    await renewLocks(services, ALWAYS);
    await sweepCopies(services, ALWAYS);
  }
  const { result } = await sweepConfirmed(world, vault);
  expect(result).toMatchObject({ stopped: null, stays: { versions: 0 } });
  for (const copy of COPY_NAMES) {
    const found = await restoredFrom(world, vault, last, copy);
    expect(found).toEqual({ a: 'a'.repeat(100), b: 'other', d: 'new' });
  }
});
