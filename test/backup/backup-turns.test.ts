import { beforeEach, describe, expect, test } from 'vitest';
import { recordBackupFailure } from '../../shared/backup/record-backup-failure.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackupTurn } from '../../shared/backup/run-backup.ts';
import type { BackupRun, Snapshot, Vault } from '../../shared/domain/records.ts';
import { rebuildLedger } from '../../shared/rebuild/rebuild-ledger.ts';
import { backUp, partsOf, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import type { MemorySource } from '../support/memory-source.ts';

const MINUTE_MS = 60_000;
const PACK = { packBytes: 1_000 };

let world: MemoryServices;
let vault: Vault;
let source: MemorySource;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
  source = sourceOf(world, vault);
});

/** Records whose paths say who they are about. */
function putMany(count: number, text: string): Record<string, string> {
  const records: Record<string, string> = {};
  for (let n = 0; n < count; n += 1) {
    const path = `秘密/${String(n).padStart(3, '0')}`;
    records[path] = `${text} ${n} `.padEnd(200, '.');
    source.put(path, records[path]);
  }
  return records;
}

/** A clock that runs out after so many questions. */
function timeFor(questions: number): () => number {
  let left = questions;
  return () => {
    left -= 1;
    return left < 0 ? 0 : 15 * MINUTE_MS;
  };
}

/** Runs turns until one commits. */
async function runTurns(run: BackupRun, questions: number, between = async () => {}) {
  for (let turns = 1; turns < 100; turns += 1) {
    const options = { ...PACK, remainingMs: timeFor(questions) };
    const { snapshot } = await runBackupTurn(world.services, run, options);
    if (snapshot !== null) {
      return { snapshot, turns };
    }
    await between();
  }
  throw new Error('The turns do not end.');
}

async function request(): Promise<BackupRun> {
  return requestBackup(world.services, OPERATOR, vault.vaultId);
}

async function keysIn(part: string): Promise<string[]> {
  const listed = await Array.fromAsync(world.copies.primary.list('vaults/'));
  return listed.map(({ key }) => key).filter((key) => key.includes(part));
}

describe('a backup that takes longer than one function may', () => {
  test('hands back in time and goes on where it was, without writing anything twice', async () => {
    const records = putMany(40, 'text');
    const { snapshot, turns } = await runTurns(await request(), 12);
    expect(turns).toBe(5);
    // What was read ahead when the turn ended is read again; nothing is written again.
    expect(source.reads.length).toBeLessThan(40 + turns * 16);
    expect(snapshot.counts).toMatchObject({ records: 40, readRecords: 40, readBytes: 8_000 });
    expect(snapshot.counts.packs).toBe((await keysIn('/packs/')).length);
    expect(await partsOf(world, snapshot)).toHaveLength((await keysIn('/manifest-')).length);
    for (const from of ['primary', 'secondary'] as const) {
      expect(await restoredFrom(world, vault, snapshot, from)).toEqual(records);
    }
  });

  test('carries unchanged records forward across turns', async () => {
    putMany(40, 'text');
    const first = await backUp(world, vault);
    source.reads.length = 0;
    source.put('秘密/020', 'changed');
    const { snapshot, turns } = await runTurns(await request(), 12);
    expect(turns).toBeGreaterThan(2);
    expect(new Set(source.reads)).toEqual(new Set(['秘密/020']));
    expect(snapshot.counts).toMatchObject({ records: 40, readRecords: 1, readBytes: 7 });
    expect(Object.keys(await restoredFrom(world, vault, snapshot, 'any'))).toHaveLength(40);
    expect(first.counts.records).toBe(40);
  });

  test('keeps its vault as long as its turns follow each other', async () => {
    putMany(40, 'text');
    const run = await request();
    const { snapshot } = await runTurns(run, 12, async () => {
      await world.clock.moveTo(new Date(world.clock.now().getTime() + 14 * MINUTE_MS));
      await expect(request()).rejects.toMatchObject({ code: 'BACKUP_RUNNING' });
    });
    expect(snapshot.createdAt).toBe(run.requestedAt);
  });

  test('gets on even when every turn has too little time', async () => {
    const records = putMany(8, 'text');
    const { snapshot } = await runTurns(await request(), 0);
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(records);
  });

  test('counts what it skipped in every turn, once', async () => {
    putMany(20, 'text');
    source.unreadable.set('秘密/003', 'denied').set('秘密/017', 'archived');
    const { snapshot } = await runTurns(await request(), 6);
    const skippedBy = { denied: 1, archived: 1 };
    expect(snapshot.counts).toMatchObject({ records: 18, skipped: 2, skippedBy });
  });

  test('begins anew when a rebuild brings another snapshot between its turns', async () => {
    putMany(20, 'old');
    const ledger = world.ledger.copy();
    const lost = { ...world, ledger, services: { ...world.services, ledger } };
    const other = await backUp(lost, vault);
    const run = await request();
    await runBackupTurn(world.services, run, { ...PACK, remainingMs: timeFor(5) });
    await world.clock.moveTo(new Date(world.clock.now().getTime() + 21 * MINUTE_MS));
    await rebuildLedger(world.services, OPERATOR, { from: 'primary', dryRun: false });
    const records = putMany(20, 'new');
    const { snapshot } = await runTurns(run, 100);
    expect(snapshot.snapshotId).not.toBe(other.snapshotId);
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(records);
  });
});

describe('what is known of a run that is under way', () => {
  test('names objects, never a path', async () => {
    putMany(20, 'text');
    const run = await request();
    await runBackupTurn(world.services, run, { ...PACK, remainingMs: timeFor(5) });
    const stored = await world.ledger.get('run', vault.vaultId, run.runId);
    const { snapshotId = '' } = stored?.record.progress ?? {};
    expect(await partsOf(world, { vaultId: vault.vaultId, snapshotId })).toHaveLength(2);
    expect(JSON.stringify([world.ledger.records(), world.telemetry.events])).not.toMatch(/秘密/);
  });

  test('leaves nothing in the ledger but its packs once it has committed', async () => {
    putMany(20, 'text');
    const run = await request();
    const { snapshot } = await runTurns(run, 5);
    const stored = await world.ledger.get('run', vault.vaultId, run.runId);
    expect(stored?.record).not.toHaveProperty('progress');
    expect(stored?.record).toMatchObject({ state: 'SUCCEEDED', snapshotId: snapshot.snapshotId });
  });

  test('finds what a run that gave up has left in the copies', async () => {
    putMany(20, 'text');
    const run = await request();
    await runBackupTurn(world.services, run, { ...PACK, remainingMs: timeFor(5) });
    const ended = await recordBackupFailure(world.services, { ...run, error: 'States.Timeout' });
    const packs = await Array.fromAsync(world.ledger.list('pack', { vaultId: vault.vaultId }));
    const orphans = packs.filter(({ record }) => record.runId === run.runId);
    const { snapshotId = '' } = ended.progress ?? {};
    const parts = await partsOf(world, { vaultId: vault.vaultId, snapshotId });
    const known = [...orphans.map(({ record }) => record.key), ...parts.map(({ key }) => key)];
    expect((await keysIn('vaults/')).sort()).toEqual(known.sort());
    const snapshot: Snapshot = await backUp(world, vault);
    expect(snapshot.counts.readRecords).toBe(20);
  });
});
