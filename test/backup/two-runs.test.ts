import { beforeEach, describe, expect, test } from 'vitest';
import { recordBackupFailure } from '../../shared/backup/record-backup-failure.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { startDueBackups } from '../../shared/backup/start-due-backups.ts';
import { METRICS } from '../../shared/config/metric-names.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { backUp, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const MINUTE_MS = 60_000;

let world: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
  sourceOf(world, vault).put('a', 'one');
});

async function moveMinutes(minutes: number): Promise<void> {
  await world.clock.moveTo(new Date(world.clock.now().getTime() + minutes * MINUTE_MS));
}

async function request() {
  return requestBackup(world.services, OPERATOR, vault.vaultId);
}

describe('two backups of one vault', () => {
  test('of two requests one is refused', async () => {
    const run = await request();
    const { vaultId, runId } = run;
    await expect(request()).rejects.toMatchObject({
      code: 'BACKUP_RUNNING',
      data: { vaultId, runId },
    });
    expect(world.pipeline.backups).toEqual([{ vaultId, runId }]);
  });

  test('a run whose lease has ended gives way, and cannot commit any more', async () => {
    const abandoned = await request();
    await moveMinutes(20);
    const until = (await vaultNow(world, vault.vaultId)).activeRun?.until;
    const run = await request();
    const ended = await world.ledger.get('run', vault.vaultId, abandoned.runId);
    const outcome = { state: 'FAILED', failure: 'ABANDONED', endedAt: until };
    expect(ended?.record).toMatchObject(outcome);
    await expect(runBackup(world.services, abandoned)).rejects.toMatchObject({
      code: 'TRANSITION_FORBIDDEN',
    });
    await runBackup(world.services, run);
    expect((await vaultNow(world, vault.vaultId)).activeRun).toBeNull();
  });

  test('a run that was delivered twice commits once: the later delivery takes over', async () => {
    const run = await request();
    const [one, other] = await Promise.allSettled([
      runBackup(world.services, run),
      runBackup(world.services, run),
    ]);
    expect(one).toMatchObject({ reason: { code: 'LEDGER_CONFLICT' } });
    expect(other.status).toBe('fulfilled');
    expect(await runBackup(world.services, run)).toEqual('value' in other && other.value);
    expect(
      await Array.fromAsync(world.ledger.list('snapshot', { vaultId: vault.vaultId })),
    ).toHaveLength(1);
  });

  test('a run overtaken in the middle does not commit', async () => {
    const slow = await request();
    const source = sourceOf(world, vault);
    const list = source.list.bind(source);
    source.list = async function* () {
      source.list = list;
      await moveMinutes(21);
      await backUp(world, vault);
      yield* list();
    };
    await expect(runBackup(world.services, slow)).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
    });
    expect(
      await Array.fromAsync(world.ledger.list('snapshot', { vaultId: vault.vaultId })),
    ).toHaveLength(1);
  });

  test('a hold placed during the run does not disturb it', async () => {
    const run = await request();
    const source = sourceOf(world, vault);
    const list = source.list.bind(source);
    source.list = async function* () {
      const stored = await world.ledger.get('vault', vault.vaultId);
      if (stored !== undefined) {
        const record = { ...stored.record, holds: 1 };
        await world.ledger.write([{ record, expect: stored.version }]);
      }
      yield* list();
    };
    await runBackup(world.services, run);
    expect(await vaultNow(world, vault.vaultId)).toMatchObject({ holds: 1, activeRun: null });
  });

  test('a vault whose erasure began during the run gets no snapshot', async () => {
    const run = await request();
    const source = sourceOf(world, vault);
    const list = source.list.bind(source);
    source.list = async function* () {
      const stored = await world.ledger.get('vault', vault.vaultId);
      if (stored !== undefined) {
        const record = { ...stored.record, state: 'ERASE_PENDING' as const };
        await world.ledger.write([{ record, expect: stored.version }]);
      }
      yield* list();
    };
    const running = runBackup(world.services, run);
    await expect(running).rejects.toMatchObject({ code: 'VAULT_NOT_ACTIVE' });
  });
});

describe('a run that failed', () => {
  test('frees its vault, is due again in an hour, and tells the alarm once', async () => {
    const run = await request();
    const address = { vaultId: vault.vaultId, runId: run.runId };
    const failed = await recordBackupFailure(world.services, { ...address, error: 'COPY_DENIED' });
    expect(failed).toMatchObject({ state: 'FAILED', failure: 'COPY_DENIED' });
    expect(await vaultNow(world, vault.vaultId)).toMatchObject({
      activeRun: null,
      nextBackupAt: '2026-11-02T09:00:00.000Z',
    });
    await recordBackupFailure(world.services, { ...address, error: 'States.Timeout' });
    expect(world.telemetry.total(METRICS.backupFailed)).toBe(1);
    await expect(runBackup(world.services, run)).rejects.toMatchObject({
      code: 'TRANSITION_FORBIDDEN',
    });
    expect((await backUp(world, vault)).counts.records).toBe(1);
  });

  test('records no text but an error name', async () => {
    const run = await request();
    const address = { vaultId: vault.vaultId, runId: run.runId };
    const failed = await recordBackupFailure(world.services, { ...address, error: 'no /a/秘密' });
    expect(failed.failure).toBe('UNKNOWN');
  });

  test('does not undo a run that succeeded', async () => {
    const run = await request();
    await runBackup(world.services, run);
    const ended = await recordBackupFailure(world.services, { ...run, error: 'States.Timeout' });
    expect(ended.state).toBe('SUCCEEDED');
  });

  test('one that could not be started is recorded and frees its vault', async () => {
    const failure = new Error('throttled');
    world.pipeline.startBackup = () => Promise.reject(failure);
    await expect(request()).rejects.toBe(failure);
    const runs = await Array.fromAsync(world.ledger.list('run', { vaultId: vault.vaultId }));
    expect(runs.map(({ record }) => record.failure)).toEqual(['PIPELINE_UNAVAILABLE']);
    expect((await vaultNow(world, vault.vaultId)).activeRun).toBeNull();
  });
});

describe('the schedule', () => {
  test('starts every vault that is due, and each of them once', async () => {
    const other = await registeredVault(world, { reference: 'A-2' });
    expect(await startDueBackups(world.services)).toBe(2);
    expect(await startDueBackups(world.services)).toBe(0);
    const started = world.pipeline.backups.map(({ vaultId }) => vaultId);
    expect(started.sort()).toEqual([vault.vaultId, other.vaultId].sort());
  });

  test('a second delivery that comes after the backup is done starts nothing', async () => {
    const due = Array.fromAsync(world.ledger.due('backup', world.clock.now()));
    await backUp(world, vault);
    world.ledger.due = async function* () {
      yield* await due;
    };
    expect(await startDueBackups(world.services)).toBe(0);
  });

  test('keeps its hour: neither a late run nor one by hand moves it', async () => {
    await moveMinutes(47);
    await backUp(world, vault);
    const due = (await vaultNow(world, vault.vaultId)).nextBackupAt;
    expect(due).toBe('2026-11-03T08:00:00.000Z');
    await moveMinutes(60);
    await backUp(world, vault);
    expect((await vaultNow(world, vault.vaultId)).nextBackupAt).toBe(due);
  });

  test('keeps its hour when retries went before the backup that succeeds', async () => {
    await backUp(world, vault);
    await world.clock.moveDays(1);
    for (const retryAt of ['2026-11-03T09:10:00.000Z', '2026-11-03T10:20:00.000Z']) {
      expect(await startDueBackups(world.services)).toBe(1);
      await moveMinutes(10);
      const run = world.pipeline.backups.at(-1) ?? { vaultId: '', runId: '' };
      await recordBackupFailure(world.services, { ...run, error: 'SOURCE_DENIED' });
      expect((await vaultNow(world, vault.vaultId)).nextBackupAt).toBe(retryAt);
      await moveMinutes(60);
    }
    await backUp(world, vault);
    const { nextBackupAt } = await vaultNow(world, vault.vaultId);
    expect(nextBackupAt).toBe('2026-11-04T08:00:00.000Z');
  });

  test('goes on behind a vault that cannot be started', async () => {
    const other = await registeredVault(world, { reference: 'A-2' });
    const startBackup = world.pipeline.startBackup.bind(world.pipeline);
    world.pipeline.startBackup = async (vaultId, runId) => {
      if (vaultId === vault.vaultId) {
        throw new Error('throttled');
      }
      await startBackup(vaultId, runId);
    };
    expect(await startDueBackups(world.services)).toBe(1);
    expect(world.pipeline.backups.map(({ vaultId }) => vaultId)).toEqual([other.vaultId]);
    expect(world.telemetry.eventsNamed('backup.not-started')).toEqual([
      { vaultId: vault.vaultId, failure: 'UNEXPECTED' },
    ]);
  });

  test('a snapshot made by the schedule restores', async () => {
    await startDueBackups(world.services);
    const [run] = world.pipeline.backups;
    const snapshot = await runBackup(world.services, run ?? { vaultId: '', runId: '' });
    expect(await restoredFrom(world, vault, snapshot, 'secondary')).toEqual({ a: 'one' });
  });
});
