import { beforeEach, describe, expect, test } from 'vitest';
import { recordBackupFailure } from '../../shared/backup/record-backup-failure.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup, runBackupTurn } from '../../shared/backup/run-backup.ts';
import { runShardTurn } from '../../shared/backup/run-shard.ts';
import { daysAfter } from '../../shared/domain/lock.ts';
import type { BackupRun, Snapshot, Vault } from '../../shared/domain/records.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { assignPolicy } from '../../shared/policies/assign-policy.ts';
import { packsOf, partsOf, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import {
  FIVE_WEEKS,
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

/** A vault is divided after 8 records, into shards of 2. */
const SMALL = { packBytes: 500, shardRecords: 2 };

let world: MemoryServices;
let vault: Vault;
let records: Record<string, string>;

/** A run of which two shards are done, and whose third one has given up. */
let failed: BackupRun;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
  records = {};
  for (let n = 10; n < 26; n += 1) {
    records[String(n)] = `text ${n} `.padEnd(200, '.');
    sourceOf(world, vault).put(String(n), records[String(n)] ?? '');
  }
  failed = await request();
  const { shards } = await runBackupTurn(world.services, failed, SMALL);
  expect(shards).toEqual([1, 2, 3, 4]);
  for (const shard of [1, 3]) {
    await runShardTurn(world.services, { ...failed, shard }, SMALL);
  }
});

async function request(): Promise<BackupRun> {
  return requestBackup(world.services, OPERATOR, vault.vaultId);
}

async function fail(error = 'SOURCE_DENIED'): Promise<void> {
  await recordBackupFailure(world.services, { ...failed, error });
}

async function objectKeys(): Promise<string[]> {
  const listed = await Array.fromAsync(world.copies.primary.list('vaults/'));
  return listed.map(({ key }) => key).sort();
}

/** @returns the next run's snapshot, and how many objects it has written. */
async function next(): Promise<{ snapshot: Snapshot; written: number }> {
  const before = await objectKeys();
  const snapshot = await runBackup(world.services, await request(), SMALL);
  expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(records);
  return { snapshot, written: (await objectKeys()).length - before.length };
}

describe('the run after one that gave up', () => {
  test('goes on with its shards, and repeats none that is done', async () => {
    await fail();
    const { runId } = await request();
    const { shards } = await runBackupTurn(world.services, { ...failed, runId }, SMALL);
    expect(shards).toEqual([2, 4]);
    const snapshot = await runBackup(world.services, { ...failed, runId }, SMALL);
    expect(snapshot).toMatchObject({ runId, counts: { records: 16, readRecords: 16 } });
    expect(await restoredFrom(world, vault, snapshot, 'secondary')).toEqual(records);
    const { key } = snapshot.seal;
    const packs = (await packsOf(world, vault)).map((pack) => pack.key);
    const parts = (await partsOf(world, snapshot)).map((part) => part.key);
    expect(await objectKeys()).toEqual([...packs, ...parts, key].sort());
    expect(snapshot.counts.packs).toBe(packs.length);
    expect(await vaultNow(world, vault.vaultId)).not.toHaveProperty('unfinishedRunId');
  });

  test('goes on with them once: they belong to one run only', async () => {
    await fail();
    const second = await request();
    await runBackupTurn(world.services, second, SMALL);
    const first = await world.ledger.get('run', vault.vaultId, failed.runId);
    expect(first?.record).not.toHaveProperty('progress');
    await recordBackupFailure(world.services, { ...second, error: 'States.Timeout' });
    expect((await next()).written).toBe(5);
  });

  test.each([
    ['something stored is damaged', async () => fail('OBJECT_DAMAGED')],
    [
      'it was begun a week before',
      async () => {
        await fail();
        await world.clock.moveDays(7);
      },
    ],
    [
      'another policy holds since',
      async () => {
        await fail();
        const stored = await world.ledger.get('vault', vault.vaultId);
        const record = { ...(stored?.record as Vault), policyId: 'consent-only' };
        await world.ledger.write([{ record, expect: stored?.version ?? 0 }]);
      },
    ],
  ])('begins anew when %s', async (_, happen) => {
    await happen();
    const { snapshot, written } = await next();
    expect(written).toBeGreaterThan(10);
    expect(snapshot.counts).toMatchObject({ records: 16, readRecords: 16 });
  });

  describe('under a policy of points that are soon over', () => {
    const SHORT = {
      ...FIVE_WEEKS,
      id: 'short',
      backup: { everyHours: 1, rpoHours: 2 },
      snapshots: { keep: { hourly: 24, daily: 4, weekly: 0, monthly: 0, yearly: 0 } },
      lock: { mode: 'rolling', minimumDays: 1, horizonDays: 3, gridDays: 1 },
    } as const;

    beforeEach(async () => {
      await recordBackupFailure(world.services, { ...failed, error: 'SOURCE_DENIED' });
      await addPolicy(world.services, OPERATOR, SHORT);
      await assignPolicy(world.services, OPERATOR, vault.vaultId, { policyId: SHORT.id });
      failed = await request();
      await runBackupTurn(world.services, failed, SMALL);
      await runShardTurn(world.services, { ...failed, shard: 1 }, SMALL);
      await fail();
    });

    async function snapshotBegunAt(): Promise<string> {
      const { snapshot } = await next();
      const end = daysAfter(world.clock.now(), SHORT.lock.minimumDays).toISOString();
      expect(snapshot.lockedUntil > end).toBe(true);
      expect(snapshot.retainUntil > end).toBe(true);
      return snapshot.createdAt;
    }

    test('goes on while those last longer than a run', async () => {
      await world.clock.moveDays(1);
      expect(await snapshotBegunAt()).toBe('2026-11-02T08:00:00.000Z');
    });

    test('begins anew three days later, when the copies would refuse the locks', async () => {
      await world.clock.moveDays(3);
      expect(await snapshotBegunAt()).toBe(world.clock.now().toISOString());
    });

    test('begins anew on top of a snapshot whose points it would hardly outlive', async () => {
      await next();
      await world.clock.moveTo(new Date(world.clock.now().getTime() + 3_600_000));
      failed = await request();
      await runBackupTurn(world.services, failed, SMALL);
      await fail();
      await world.clock.moveDays(1);
      expect((await next()).snapshot.createdAt).toBe(world.clock.now().toISOString());
    });
  });

  test('finds in the ledger all that is left when it does not go on', async () => {
    await fail('OBJECT_DAMAGED');
    const run = await world.ledger.get('run', vault.vaultId, failed.runId);
    const { snapshotId = '' } = run?.record.progress ?? {};
    const packs = await Array.fromAsync(world.ledger.list('pack', { vaultId: vault.vaultId }));
    const own = packs.filter(({ record }) => record.snapshotId === snapshotId);
    const parts = await partsOf(world, { vaultId: vault.vaultId, snapshotId });
    const known = [...own.map(({ record }) => record.key), ...parts.map(({ key }) => key)];
    expect(await objectKeys()).toEqual(known.sort());
  });
});
