import { beforeEach, describe, expect, test } from 'vitest';
import { recordBackupFailure } from '../../shared/backup/record-backup-failure.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup, runBackupTurn } from '../../shared/backup/run-backup.ts';
import { runShardTurn } from '../../shared/backup/run-shard.ts';
import type { BackupRun, Vault } from '../../shared/domain/records.ts';
import type { BackupShard } from '../../shared/domain/run-records.ts';
import { partsOf, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import type { MemorySource } from '../support/memory-source.ts';

const MINUTE_MS = 60_000;

/** A vault is divided after 12 records, into shards of 3. */
const SMALL = { packBytes: 500, shardRecords: 3 };

let world: MemoryServices;
let vault: Vault;
let source: MemorySource;
let records: Record<string, string>;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
  source = sourceOf(world, vault);
  records = {};
  for (let n = 0; n < 26; n += 1) {
    put(`秘密/${String(n).padStart(2, '0')}`, `text ${n} `.padEnd(200, '.'));
  }
});

function put(path: string, text: string): void {
  records[path] = text;
  source.put(path, text);
}

async function request(): Promise<BackupRun> {
  return requestBackup(world.services, OPERATOR, vault.vaultId);
}

/** Plans until there are shards. */
async function planned(run: BackupRun): Promise<readonly number[]> {
  const { shards, snapshot } = await runBackupTurn(world.services, run, SMALL);
  expect(snapshot).toBeNull();
  return shards;
}

async function shardsOf(run: BackupRun): Promise<BackupShard[]> {
  const { vaultId, runId } = run;
  const stored = await world.ledger.get('run', vaultId, runId);
  const { snapshotId = '' } = stored?.record.progress ?? {};
  const listed = await Array.fromAsync(world.ledger.list('shard', { vaultId, snapshotId }));
  return listed.map(({ record }) => record);
}

async function objectKeys(): Promise<string[]> {
  return (await Array.fromAsync(world.copies.primary.list('vaults/'))).map(({ key }) => key);
}

describe('a vault that is too large for one function', () => {
  test('is begun as one shard, and what is left is divided', async () => {
    const run = await request();
    expect(await planned(run)).toEqual([1, 2, 3, 4, 5]);
    const shards = await shardsOf(run);
    expect(shards.map(({ isDone }) => isDone)).toEqual([true, ...Array(5).fill(false)]);
    expect(shards.map(({ reachesEnd }) => reachesEnd)).toEqual([...Array(5).fill(false), true]);
  });

  test('is backed up by all shards at once, and sealed when they are done', async () => {
    const run = await request();
    const shards = await planned(run);
    const ended = await Promise.all(
      shards.map((shard) => runShardTurn(world.services, { ...run, shard }, SMALL)),
    );
    expect(ended).toEqual(shards.map(() => true));
    const { snapshot } = await runBackupTurn(world.services, run, SMALL);
    expect(snapshot?.counts).toMatchObject({ records: 26, readRecords: 26, readBytes: 26 * 200 });
    for (const from of ['primary', 'secondary'] as const) {
      expect(await restoredFrom(world, vault, snapshot ?? never(), from)).toEqual(records);
    }
    const parts = (await partsOf(world, snapshot ?? never())).map(({ part }) => part);
    expect(parts).toEqual([...parts].sort((a, b) => a - b));
    expect(new Set(parts.map((part) => Math.floor(part / 1_000_000)))).toEqual(
      new Set([0, 1, 2, 3, 4, 5]),
    );
  });

  test('is divided where parts of the last manifest begin, without listing it', async () => {
    await runBackup(world.services, await request(), SMALL);
    const ranges: unknown[] = [];
    const list = source.list.bind(source);
    source.list = (range) => {
      ranges.push(range);
      return list(range);
    };
    source.reads.length = 0;
    put('秘密/13', 'changed');
    put('秘密/99', 'new');
    const run = await request();
    const shards = await planned(run);
    expect(shards.length).toBeGreaterThan(2);
    // The first shard alone has listed anything.
    expect(ranges).toEqual([{ after: null, upTo: null }]);
    const snapshot = await runBackup(world.services, run, SMALL);
    expect(snapshot.counts).toMatchObject({ records: 27, readRecords: 2 });
    // Some of it was read ahead by the shard before.
    expect(new Set(source.reads)).toEqual(new Set(['秘密/13', '秘密/99']));
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(records);
  });

  test('goes on dividing what has been added at its end since', async () => {
    const run = await request();
    for (const shard of (await planned(run)).slice(0, -1)) {
      await runShardTurn(world.services, { ...run, shard }, SMALL);
    }
    for (let n = 0; n < 40; n += 1) {
      put(`秘密/z/${String(n).padStart(2, '0')}`, `more ${n}`);
    }
    await runShardTurn(world.services, { ...run, shard: 5 }, SMALL);
    const more = await planned(run);
    expect(more[0]).toBe(6);
    expect(more.length).toBeGreaterThan(2);
    const snapshot = await runBackup(world.services, run, SMALL);
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(records);
  });

  test('and has records in no place but the encrypted ones', async () => {
    const run = await request();
    const shards = await planned(run);
    const outside = [world.ledger.records(), world.telemetry.events, shards, await objectKeys()];
    expect(JSON.stringify(outside)).not.toMatch(/秘密/);
    const ranges = (await shardsOf(run)).map(({ range }) => Buffer.from(range ?? '', 'base64'));
    expect(Buffer.concat(ranges).includes('秘密')).toBe(false);
  });
});

describe('one of several shards', () => {
  test('hands back in time and goes on where it was', async () => {
    const run = await request();
    const [shard = 0] = await planned(run);
    const options = { ...SMALL, remainingMs: () => 0 };
    expect(await runShardTurn(world.services, { ...run, shard }, options)).toBe(false);
    const seen = await objectKeys();
    expect(await runShardTurn(world.services, { ...run, shard }, options)).toBe(false);
    expect(await runShardTurn(world.services, { ...run, shard }, SMALL)).toBe(true);
    const after = await objectKeys();
    expect(after).toEqual(expect.arrayContaining(seen));
    expect(new Set(after).size).toBe(after.length);
    const snapshot = await runBackup(world.services, run, SMALL);
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(records);
  });

  test('that is delivered again repeats nothing, before the commit and after it', async () => {
    const run = await request();
    const [shard = 0] = await planned(run);
    await runShardTurn(world.services, { ...run, shard }, SMALL);
    const done = [await objectKeys(), world.ledger.records(), source.reads.length];
    expect(await runShardTurn(world.services, { ...run, shard }, SMALL)).toBe(true);
    expect([await objectKeys(), world.ledger.records(), source.reads.length]).toEqual(done);
    const snapshot = await runBackup(world.services, run, SMALL);
    const committed = [await objectKeys(), world.ledger.records()];
    expect(await runShardTurn(world.services, { ...run, shard }, SMALL)).toBe(true);
    expect(await runBackup(world.services, run, SMALL)).toEqual(snapshot);
    expect([await objectKeys(), world.ledger.records()]).toEqual(committed);
  });

  test('keeps the vault for its run, without writing to it more often than needed', async () => {
    const run = await request();
    const [first = 0, second = 0, third = 0] = await planned(run);
    const { activeRun } = await vaultNow(world, vault.vaultId);
    await runShardTurn(world.services, { ...run, shard: first }, SMALL);
    expect((await vaultNow(world, vault.vaultId)).activeRun).toEqual(activeRun);
    await world.clock.moveTo(new Date(world.clock.now().getTime() + 6 * MINUTE_MS));
    await runShardTurn(world.services, { ...run, shard: second }, SMALL);
    const until = new Date(world.clock.now().getTime() + 20 * MINUTE_MS).toISOString();
    expect((await vaultNow(world, vault.vaultId)).activeRun).toEqual({ runId: run.runId, until });
    await world.clock.moveTo(new Date(world.clock.now().getTime() + 21 * MINUTE_MS));
    const other = await request();
    const late = runShardTurn(world.services, { ...run, shard: third }, SMALL);
    await expect(late).rejects.toMatchObject({ code: 'TRANSITION_FORBIDDEN' });
    const snapshot = await runBackup(world.services, other, SMALL);
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(records);
    await expect(
      runShardTurn(world.services, { ...run, shard: third }, SMALL),
    ).rejects.toMatchObject({ code: 'TRANSITION_FORBIDDEN' });
  });

  test('of a run that was given up does nothing', async () => {
    const run = await request();
    const [shard = 0] = await planned(run);
    await recordBackupFailure(world.services, { ...run, error: 'SOURCE_DENIED' });
    const seen = await objectKeys();
    await expect(runShardTurn(world.services, { ...run, shard }, SMALL)).rejects.toMatchObject({
      code: 'TRANSITION_FORBIDDEN',
    });
    expect(await objectKeys()).toEqual(seen);
  });
});

function never(): never {
  throw new Error('there is no snapshot');
}
