import { beforeAll, expect, test } from 'vitest';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import type { BackupRun, Snapshot, Vault } from '../../shared/domain/records.ts';
import { packsOf, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { stoppingAfter } from '../support/stopping-services.ts';

/** The first four records are one shard, each of the others one of its own. */
const TURN = { packBytes: 300, shardRecords: 1 };

const BEFORE = { a: '1', b: '2', c: '3', d: '4', e: '5' };
const AFTER = { ...BEFORE, b: 'B'.repeat(200), f: 'F'.repeat(200) };

interface Scene {
  readonly world: MemoryServices;
  readonly vault: Vault;
  readonly first: Snapshot;
  readonly run: BackupRun;
}

/** A vault with one snapshot, whose source has changed since. */
async function scene(): Promise<Scene> {
  const world = livingInstallation();
  const vault = await registeredVault(world);
  const source = sourceOf(world, vault);
  const putAll = (records: Record<string, string>): void => {
    for (const [path, text] of Object.entries(records)) {
      source.put(path, text);
    }
  };
  putAll(BEFORE);
  const earlier = await requestBackup(world.services, OPERATOR, vault.vaultId);
  const first = await runBackup(world.services, earlier);
  putAll(AFTER);
  const run = await requestBackup(world.services, OPERATOR, vault.vaultId);
  return { world, vault, first, run };
}

async function packKeys({ world }: Scene): Promise<string[][]> {
  const { primary, secondary } = world.copies;
  return Promise.all(
    [primary, secondary].map(async (copy) => {
      const listed = await Array.fromAsync(copy.list('vaults/'));
      return listed.map(({ key }) => key).filter((key) => key.includes('/packs/'));
    }),
  );
}

/** What an undisturbed run does. */
let undisturbed: { readonly points: number; readonly packs: number };

beforeAll(async () => {
  const whole = await scene();
  const counting = stoppingAfter(whole.world.services, Number.POSITIVE_INFINITY, 'before');
  await runBackup(counting.services, whole.run, TURN);
  const [packs = []] = await packKeys(whole);
  undisturbed = { points: counting.calls(), packs: packs.length };
});

/** One snapshot came of it, both copies are whole, and no pack was written twice. */
async function expectOneSnapshot(cut: Scene): Promise<void> {
  const { world, vault, first } = cut;
  const { vaultId } = vault;
  const listed = await Array.fromAsync(world.ledger.list('snapshot', { vaultId }));
  expect(listed.map(({ record }) => record.snapshotId)[0]).toBe(first.snapshotId);
  expect(listed).toHaveLength(2);
  for (const { record } of listed) {
    const expected = record.snapshotId === first.snapshotId ? BEFORE : AFTER;
    for (const copy of ['primary', 'secondary'] as const) {
      expect(await restoredFrom(world, vault, record, copy)).toEqual(expected);
    }
  }
  const known = (await packsOf(world, vault)).map(({ key }) => key);
  for (const keys of await packKeys(cut)) {
    expect(keys).toHaveLength(undisturbed.packs);
    expect(keys.filter((key) => !known.includes(key))).toEqual([]);
  }
}

test.each(['before', 'after'] as const)(
  'format.md 5.4: a backup in shards that is cut off %s any call goes on where it was',
  async (when) => {
    const { points } = undisturbed;
    let passed = 0;
    for (let point = 1; point <= points; point += 1) {
      const cut = await scene();
      const { world, run } = cut;
      const stopping = stoppingAfter(world.services, point, when);
      const outcome = await runBackup(stopping.services, run, TURN).catch((error: Error) => error);
      expect(outcome).toBeInstanceOf(Error);
      await runBackup(world.services, run, TURN);
      await expectOneSnapshot(cut);
      passed += 1;
    }
    console.info(`in shards, cut off ${when} the call: ${passed} of ${points} points`);
    expect(points).toBeGreaterThan(80);
  },
  120_000,
);
