import { beforeEach, describe, expect, test } from 'vitest';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { METRICS } from '../../shared/config/metric-names.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { CopyChoice } from '../../shared/snapshot/copy-choice.ts';
import { readLines } from '../../shared/snapshot/read-records.ts';
import {
  backUp,
  bytesIn,
  packsOf,
  partsOf,
  restoredFrom,
  sourceOf,
} from '../support/backed-up-vault.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import type { MemorySource } from '../support/memory-source.ts';

let world: MemoryServices;
let vault: Vault;
let source: MemorySource;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
  source = sourceOf(world, vault);
});

describe('a backup', () => {
  test('is in both copies, locked until the grid point behind its end', async () => {
    source.put('a', 'one');
    const snapshot = await backUp(world, vault);
    expect(snapshot).toMatchObject({
      createdAt: '2026-11-02T08:00:00.000Z',
      retainUntil: '2026-12-07T16:00:00.000Z',
      lockedUntil: '2026-12-10T00:00:00.000Z',
    });
    const parts = await partsOf(world, snapshot);
    const objects = [snapshot.seal, ...parts, ...(await packsOf(world, vault))];
    for (const copy of [world.copies.primary, world.copies.secondary]) {
      for (const { key, size, versions } of objects) {
        expect(await copy.inspect(key, versions[copy.name] ?? '')).toMatchObject({
          size,
          lockedUntil: new Date(snapshot.lockedUntil),
        });
      }
    }
  });

  test('commits snapshot, vault, run and audit entry together', async () => {
    source.put('a', 'one');
    const run = await requestBackup(world.services, OPERATOR, vault.vaultId);
    const snapshot = await runBackup(world.services, run);
    expect(await vaultNow(world, vault.vaultId)).toMatchObject({
      lastSnapshotId: snapshot.snapshotId,
      lastSnapshotAt: snapshot.createdAt,
      activeRun: null,
    });
    const stored = await world.ledger.get('run', vault.vaultId, run.runId);
    expect(stored?.record).toMatchObject({
      state: 'SUCCEEDED',
      snapshotId: snapshot.snapshotId,
      failure: null,
    });
    const audit = await Array.fromAsync(world.ledger.list('audit', { chainId: vault.vaultId }));
    expect(audit.map(({ record }) => record.action).slice(-2)).toEqual([
      'backup.requested',
      'backup.committed',
    ]);
    expect(audit.at(-1)?.record.details).toMatchObject({ records: 1, bytes: 3, readRecords: 1 });
  });

  test('reads only what changed, and keeps the rest where it is', async () => {
    source.put('a', 'one');
    source.put('b', 'two');
    source.put('c', 'three');
    const first = await backUp(world, vault);
    source.reads.length = 0;
    source.put('b', 'TWO');
    source.put('d', 'four');
    source.delete('c');
    const second = await backUp(world, vault);
    expect(source.reads).toEqual(['b', 'd']);
    expect(second.counts).toMatchObject({ records: 3, readRecords: 2, readBytes: 7, packs: 2 });
    expect(await restoredFrom(world, vault, first, 'any')).toEqual({
      a: 'one',
      b: 'two',
      c: 'three',
    });
    expect(await restoredFrom(world, vault, second, 'any')).toEqual({
      a: 'one',
      b: 'TWO',
      d: 'four',
    });
  });

  test('extends the locks of packs that it carries forward, and only those', async () => {
    source.put('a', 'one');
    source.put('b', 'two');
    await backUp(world, vault);
    await world.clock.moveDays(1);
    source.put('b', 'TWO');
    await backUp(world, vault);
    await world.clock.moveDays(10);
    source.delete('b');
    const third = await backUp(world, vault);
    const packs = await Array.fromAsync(world.ledger.list('pack', { vaultId: vault.vaultId }));
    const locks = packs.map(({ record }) => record.lockedUntil);
    expect(locks).toEqual([third.lockedUntil, '2026-12-10T00:00:00.000Z']);
    for (const copy of [world.copies.primary, world.copies.secondary]) {
      for (const { record } of packs) {
        const state = await copy.inspect(record.key, record.versions[copy.name] ?? '');
        expect(state?.lockedUntil?.toISOString()).toBe(record.lockedUntil);
      }
    }
  });

  test('takes an empty source', async () => {
    const snapshot = await backUp(world, vault);
    expect(snapshot.counts).toMatchObject({ records: 0, packs: 0 });
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual({});
  });

  test('fills packs to about 32 MiB and gives a larger record one of its own', async () => {
    source.put('a', Buffer.alloc(20 * 1024 * 1024));
    source.put('b', Buffer.alloc(20 * 1024 * 1024));
    source.put('c', Buffer.alloc(34 * 1024 * 1024));
    source.put('d', 'small');
    const snapshot = await backUp(world, vault);
    expect(snapshot.counts.packs).toBe(4);
  });

  test('format.md 1.3: shows nothing personal outside of what is encrypted', async () => {
    source.put('上海示例公司/秘密.txt', 'secret');
    const snapshot = await backUp(world, vault);
    const seal = (await bytesIn(world, 'primary', snapshot.seal)).toString('utf8');
    const parts = await partsOf(world, snapshot);
    const objects = [snapshot.seal, ...parts, ...(await packsOf(world, vault))];
    const visible = JSON.stringify([seal, objects, world.telemetry.events]);
    expect(visible).not.toMatch(/上海|秘密|secret|Somebody/);
  });

  test('format.md 3.5: a pack that is carried forward keeps its snapshot id', async () => {
    source.put('a', 'one');
    const first = await backUp(world, vault);
    source.put('b', 'two');
    const second = await backUp(world, vault);
    const seal = JSON.parse((await bytesIn(world, 'primary', second.seal)).toString('utf8'));
    const writers = seal.packs.map((pack: { snapshotId: string }) => pack.snapshotId);
    expect(writers).toEqual([first.snapshotId, second.snapshotId]);
  });

  test('format.md 1.2: takes new ids whenever it begins again', async () => {
    source.put('a', 'one');
    const first = await backUp(world, vault);
    source.put('a', 'two');
    const second = await backUp(world, vault);
    const listed = await Array.fromAsync(world.copies.primary.list('vaults/'));
    const keys = listed.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(first.seal.key).not.toBe(second.seal.key);
  });
});

describe('a record that is not what was listed', () => {
  const large = (text: string) => text.padEnd(2_000_000, '.');

  /** Something happens to the source after it was listed. */
  function afterListing(happens: () => void): void {
    const list = source.list.bind(source);
    source.list = async function* () {
      source.list = list;
      const entries = await Array.fromAsync(list());
      happens();
      yield* entries;
    };
  }

  test('one that changed is looked at again and comes as it is now', async () => {
    source.put('a', 'one');
    source.put('grows', 'two');
    source.put('large', large('three'));
    afterListing(() => {
      source.put('a', 'changed');
      source.put('grows', large('grown'));
      source.put('large', 'shrunk');
    });
    const snapshot = await backUp(world, vault);
    expect(snapshot.counts).toMatchObject({ records: 3, bytes: 2_000_013, skipped: 0 });
    const expected = { a: 'changed', grows: large('grown'), large: 'shrunk' };
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(expected);
    source.reads.length = 0;
    await backUp(world, vault);
    expect(source.reads).toEqual([]);
  });

  test.each(['small', large('large')])(
    'what cannot be read is listed, not dropped',
    async (text) => {
      for (const path of ['archived', 'b', 'changing', 'denied', 'vanished']) {
        source.put(path, text);
      }
      await backUp(world, vault);
      for (const path of ['archived', 'b', 'changing', 'denied', 'vanished']) {
        source.put(path, `${text}!`);
      }
      source.unreadable.set('archived', 'archived').set('denied', 'denied');
      source.restless.add('changing');
      afterListing(() => source.delete('vanished'));
      const snapshot = await backUp(world, vault);
      expect(snapshot.counts).toMatchObject({
        records: 1,
        skipped: 4,
        skippedBy: { archived: 1, changed: 1, denied: 1, vanished: 1 },
      });
      expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual({ b: `${text}!` });
      const manifests = await partsOf(world, snapshot);
      const access = { services: world.services, keys: vault.keys, choice: new CopyChoice('any') };
      const lines = (await Array.fromAsync(readLines(access, { ...snapshot, manifests }))).flat();
      expect(lines.map((line) => [line.path, 'skipped' in line && line.skipped])).toEqual([
        ['archived', 'archived'],
        ['b', false],
        ['changing', 'changed'],
        ['denied', 'denied'],
        ['vanished', 'vanished'],
      ]);
      expect(world.telemetry.total(METRICS.snapshotIncomplete)).toBe(1);
      expect(JSON.stringify(world.telemetry.events)).not.toContain('changing');
    },
  );

  test('what was skipped comes with the next run that can read it', async () => {
    source.put('a', 'one');
    source.unreadable.set('a', 'denied');
    expect((await backUp(world, vault)).counts).toMatchObject({ records: 0, skipped: 1 });
    source.unreadable.clear();
    const next = await backUp(world, vault);
    expect(next.counts).toMatchObject({ records: 1, skipped: 0, skippedBy: {} });
    expect(await restoredFrom(world, vault, next, 'any')).toEqual({ a: 'one' });
  });

  test.each([10, 2_000_000])(
    'one of %i bytes whose stream is short fails the run',
    async (size) => {
      source.put('a', Buffer.alloc(size));
      const list = source.list.bind(source);
      source.list = async function* () {
        for await (const entries of list()) {
          yield entries.map((entry) => ({ ...entry, size: entry.size + 1 }));
        }
      };
      await expect(backUp(world, vault)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
      expect((await vaultNow(world, vault.vaultId)).lastSnapshotId).toBeNull();
    },
  );

  test('a source that lists out of order fails the run', async () => {
    source.put('a', 'one');
    source.put('b', 'two');
    const list = source.list.bind(source);
    source.list = async function* () {
      yield (await Array.fromAsync(list())).flat().reverse();
    };
    await expect(backUp(world, vault)).rejects.toThrow('ascending order');
  });
});

describe('what a backup refuses', () => {
  test.each(['SOURCE_MISSING', 'SOURCE_DENIED', 'SOURCE_UNAVAILABLE'] as const)(
    'a source that answers %s',
    async (failure) => {
      source.failure = failure;
      await expect(backUp(world, vault)).rejects.toMatchObject({ code: failure });
    },
  );

  test('a source that is one of the copies', async () => {
    const stored = await world.ledger.get('vault', vault.vaultId);
    const bucket = world.services.installation.buckets.secondary;
    const record = { ...vault, source: { ...vault.source, bucket } };
    await world.ledger.write([{ record, expect: stored?.version ?? 0 }]);
    await expect(backUp(world, vault)).rejects.toMatchObject({ code: 'SOURCE_IS_COPY' });
  });

  test.each(['primary', 'secondary'] as const)('a %s copy that denies access', async (copy) => {
    source.put('a', 'one');
    world.copies[copy].put = (object) =>
      Promise.reject(new HoldfastError('COPY_DENIED', { copy, object }));
    await expect(backUp(world, vault)).rejects.toMatchObject({ code: 'COPY_DENIED' });
    expect((await vaultNow(world, vault.vaultId)).lastSnapshotId).toBeNull();
  });

  test.each(['primary', 'secondary'] as const)('a %s key that cannot be used', async (copy) => {
    source.put('a', 'one');
    // Nobody has undone it yet.
    world.pipeline.wire({ restoreKeys: async () => undefined });
    await world.custody.disable(vault.keys[copy]);
    await expect(backUp(world, vault)).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
  });

  test('to name a pack that the ledger has lost', async () => {
    source.put('a', 'one');
    await backUp(world, vault);
    const list = world.ledger.list.bind(world.ledger);
    world.ledger.list = async function* (kind, parent) {
      yield* kind === 'pack' ? [] : list(kind, parent);
    };
    await expect(backUp(world, vault)).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
      data: { problem: 'incomplete: it names a pack that the ledger does not know' },
    });
  });

  test('to continue from a manifest that neither copy can give', async () => {
    source.put('a', 'one');
    const [first] = await partsOf(world, await backUp(world, vault));
    world.copies.primary.lose(first?.key ?? '', first?.versions.primary ?? '');
    expect((await backUp(world, vault)).counts).toMatchObject({ records: 1, readRecords: 0 });
    const { lastSnapshotId } = await vaultNow(world, vault.vaultId);
    const { vaultId } = vault;
    const [manifest] = await partsOf(world, { vaultId, snapshotId: lastSnapshotId ?? '' });
    for (const copy of [world.copies.primary, world.copies.secondary]) {
      copy.lose(manifest?.key ?? '', manifest?.versions[copy.name] ?? '');
    }
    await expect(backUp(world, vault)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  });

  test('an unknown run', async () => {
    const runId = world.ids.next();
    const running = runBackup(world.services, { vaultId: vault.vaultId, runId });
    await expect(running).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  });
});
