import { beforeEach, describe, expect, test } from 'vitest';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup, runBackupTurn } from '../../shared/backup/run-backup.ts';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import type { BackupRun, Snapshot, Vault } from '../../shared/domain/records.ts';
import { bytesIn, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { stoppingAfter } from '../support/stopping-services.ts';

const LEASE_MINUTES = 20;

/** Small packs, so that a run writes several. */
const TURN = { packBytes: 1_000 };

/** A vault with one snapshot, and a source that has changed since: every kind of step occurs. */
interface Scene {
  readonly world: MemoryServices;
  readonly vault: Vault;
  readonly first: Snapshot;
  readonly run: BackupRun;
}

const BEFORE = { a: 'one', b: 'two', 'deep/c': 'three' };
const AFTER = {
  a: 'one',
  b: 'TWO'.repeat(400),
  'deep/c': 'three',
  'deep/d': 'four'.repeat(300),
  large: 'x'.repeat(1_100_000),
  z: 'last',
};

async function scene(): Promise<Scene> {
  const world = livingInstallation();
  const vault = await registeredVault(world);
  const source = sourceOf(world, vault);
  for (const [path, text] of Object.entries(BEFORE)) {
    source.put(path, text);
  }
  const first = await runBackup(world.services, await request(world, vault));
  // A month later locks have to be extended as well.
  await world.clock.moveDays(30);
  for (const [path, text] of Object.entries(AFTER)) {
    source.put(path, text);
  }
  return { world, vault, first, run: await request(world, vault) };
}

async function request({ services }: MemoryServices, vault: Vault): Promise<BackupRun> {
  return requestBackup(services, OPERATOR, vault.vaultId);
}

/** How many times an undisturbed run reaches outside. */
let points: number;

/** How many packs lie in a copy after an undisturbed run. */
let packs: number;

beforeEach(async () => {
  const { world, run } = await scene();
  const counting = stoppingAfter(world.services, Number.POSITIVE_INFINITY, 'before');
  await runBackupTurn(counting.services, run, TURN);
  points = counting.calls();
  packs = (await packsIn(world, 'primary')).length;
});

async function packsIn({ copies }: MemoryServices, copy: CopyName): Promise<string[]> {
  const listed = await Array.fromAsync(copies[copy].list('vaults/'));
  return listed.map(({ key }) => key).filter((key) => key.includes('/packs/'));
}

/** No pack was written a second time, neither under its own name nor under another. */
async function expectNoPackTwice({ world, vault }: Scene): Promise<void> {
  const listed = await Array.fromAsync(world.ledger.list('pack', { vaultId: vault.vaultId }));
  const known = new Set(listed.map(({ record }) => record.key));
  for (const copy of ['primary', 'secondary'] as const) {
    const keys = await packsIn(world, copy);
    expect(keys).toHaveLength(packs);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => !known.has(key))).toEqual([]);
  }
}

async function snapshotsOf({ world, vault }: Scene): Promise<Snapshot[]> {
  const listed = world.ledger.list('snapshot', { vaultId: vault.vaultId });
  return (await Array.fromAsync(listed)).map(({ record }) => record);
}

/** Whatever the ledger knows must be whole and locked in both copies. */
async function expectWholeSnapshots({ world, vault, first }: Scene, snapshots: Snapshot[]) {
  for (const snapshot of snapshots) {
    const expected = snapshot.snapshotId === first.snapshotId ? BEFORE : AFTER;
    for (const copy of ['primary', 'secondary'] as const) {
      expect(await restoredFrom(world, vault, snapshot, copy)).toEqual(expected);
      const sealed = JSON.parse((await bytesIn(world, copy, snapshot.seal)).toString('utf8'));
      for (const pack of sealed.packs) {
        const key = `vaults/${vault.vaultId}/packs/${pack.packId}`;
        const state = await world.copies[copy].inspect(key, pack.versions[copy] ?? '');
        const until = new Date(snapshot.lockedUntil).getTime();
        expect(state?.lockedUntil?.getTime()).toBeGreaterThanOrEqual(until);
      }
    }
  }
}

async function expectOneNewSnapshot(after: Scene): Promise<void> {
  const snapshots = await snapshotsOf(after);
  await expectWholeSnapshots(after, snapshots);
  expect(snapshots).toHaveLength(2);
  const stored = await after.world.ledger.get('vault', after.vault.vaultId);
  expect(stored?.record).toMatchObject({
    activeRun: null,
    lastSnapshotId: snapshots[1]?.snapshotId,
  });
}

describe('format.md 5.4: a backup that is cut off at any point', () => {
  test.each([
    ['before', 'the same run'],
    ['after', 'the same run'],
    ['before', 'a new run'],
    ['after', 'a new run'],
  ] as const)(
    '%s the call happens: %s completes it',
    async (when, next) => {
      let passed = 0;
      for (let point = 1; point <= points; point += 1) {
        const cut = await scene();
        const { world, vault, run } = cut;
        const stopping = stoppingAfter(world.services, point, when);
        const attempt = runBackupTurn(stopping.services, run, TURN);
        const outcome = await attempt.catch((error: Error) => error);
        expect(outcome).toBe(stopping.failure);
        const seen = await snapshotsOf(cut);
        // Nothing, or the whole: what was committed is looked at below.
        expect(seen.length).toBeLessThanOrEqual(2);
        if (next === 'the same run') {
          await runBackupTurn(world.services, run, TURN);
          await expectNoPackTwice(cut);
        } else if (seen.length === 1) {
          await world.clock.moveTo(new Date(world.clock.now().getTime() + LEASE_MINUTES * 60_000));
          await runBackup(world.services, await request(world, vault));
        }
        await expectOneNewSnapshot(cut);
        passed += 1;
      }
      console.info(`cut off ${when} the call, continued by ${next}: ${passed} of ${points} points`);
      expect(points).toBeGreaterThan(50);
      expect(packs).toBeGreaterThan(3);
    },
    180_000,
  );
});
