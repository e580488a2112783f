import { beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { manifestKey } from '../../shared/format/object-keys.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import type { Change } from '../../shared/ports/ledger.ts';
import type { Services } from '../../shared/ports/services.ts';
import { requestRestore } from '../../shared/restore/request-restore.ts';
import { previewSweep } from '../../shared/retention/preview-sweep.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { backUpDaily, objectsOf, packRecords, snapshotRecords } from '../support/retained-vault.ts';
import {
  expectRestorable,
  LIMITS,
  listedKeys,
  lockedKeys,
  moveBehindEnd,
  sweepConfirmed,
} from '../support/swept-vault.ts';

const TERMS = { reason: 'litigation', reference: 'case 1' };
const always = (): boolean => true;

let world: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world, { policyId: 'consent-only' });
});

const sweep = (services = world.services) => sweepCopies(services, always);
const preview = () => previewSweep(world.services, vault.vaultId, LIMITS, always);

/** Days as they go: back up, renew, sweep. */
async function live(days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    await backUpDaily(world, vault, 1);
    await renewLocks(world.services, always);
    await sweep();
  }
}

describe('the daily sweep', () => {
  test('lets snapshots expire, and what is left is what kept snapshots need', async () => {
    await live(48);
    const snapshots = await snapshotRecords(world, vault);
    const kept = snapshots.filter(({ expiredAt }) => expiredAt === null);
    expect(kept.length).toBeLessThanOrEqual(37);
    expect(await expectRestorable(world, vault)).toBe(kept.length);
    const needed = new Set(
      (await Promise.all(kept.map((one) => objectsOf(world, one)))).flat().map(({ key }) => key),
    );
    const now = world.clock.now();
    for (const pack of await packRecords(world, vault)) {
      const isDue = new Date(pack.lockedUntil).getTime() + 2 * 86_400_000 < now.getTime();
      expect(needed.has(pack.key) || !isDue, pack.key).toBe(true);
    }
    const present = new Set(await listedKeys(world));
    for (const key of needed) {
      expect(present).toContain(key);
    }
    const audit = await Array.fromAsync(world.ledger.list('audit', { chainId: vault.vaultId }));
    const actions = audit.map(({ record }) => record.action);
    expect(actions.filter((action) => action === 'snapshot.expired').length).toBeGreaterThan(10);
    expect(actions).toContain('sweep.begun');
    expect(actions).toContain('sweep.ended');
  });

  test('forgets what is gone: packs, manifests, shards and readings', async () => {
    await backUpDaily(world, vault, 12);
    await world.clock.moveDays(60);
    await backUpDaily(world, vault, 1);
    await sweep();
    await sweepConfirmed(world, vault);
    const [only, ...others] = await snapshotRecords(world, vault);
    expect(others).toEqual([]);
    const { vaultId } = vault;
    const keys = new Set(await listedKeys(world));
    for (const record of world.ledger.records()) {
      if (record.kind === 'pack' || record.kind === 'manifest-part') {
        expect(keys).toContain(record.key);
      }
      if (record.kind === 'manifest-part' || record.kind === 'shard') {
        expect(record.snapshotId).toBe(only?.snapshotId);
      }
    }
    expect((await world.ledger.get('upkeep', vaultId))?.record.sweep?.stays.versions).toBe(0);
  });

  test('removes nothing before its lock ended, and says until when it stays', async () => {
    const snapshots = await backUpDaily(world, vault, 3);
    await backUpDaily(world, vault, 1);
    await moveBehindEnd(world, snapshots.at(-1) as Snapshot);
    const { plan, expiring } = await preview();
    expect(expiring).toHaveLength(3);
    expect(plan.stays.versions).toBeGreaterThan(6);
    expect(plan.stays.from && new Date(plan.stays.from) > world.clock.now()).toBe(true);
    const locked = await lockedKeys(world);
    expect(locked.length).toBeGreaterThan(6);
    expect(await sweep()).toMatchObject({ expired: 3, stopped: 0, failed: 0 });
    expect(await lockedKeys(world)).toEqual(locked);
  });

  test('takes what S3 still locks for something to expect, not for an error', async () => {
    await backUpDaily(world, vault, 3);
    await world.clock.moveDays(60);
    await backUpDaily(world, vault, 1);
    const [pack] = await packRecords(world, vault);
    const { key = '', versions } = pack ?? {};
    const until = new Date('2031-01-01T00:00:00Z');
    await world.copies.secondary.extendLock(key, versions?.secondary ?? '', until);
    await sweep();
    const swept = await sweepConfirmed(world, vault);
    expect(swept).toMatchObject({ failures: [], isDone: true });
    expect(await world.ledger.get('pack', vault.vaultId, pack?.packId ?? '')).toBeDefined();
    expect(await listedKeys(world)).toContain(key);
  });

  test('never removes the last snapshot, however old it is', async () => {
    await backUpDaily(world, vault, 2);
    for (let month = 0; month < 12; month += 1) {
      await world.clock.moveDays(30);
      await renewLocks(world.services, always);
      await sweep();
    }
    expect(await expectRestorable(world, vault)).toBe(1);
  });

  test('leaves delete markers and foreign versions behind nowhere', async () => {
    const [snapshot] = await backUpDaily(world, vault, 1);
    const { seal } = snapshot as Snapshot;
    const stray = `vaults/${vault.vaultId}/notes.txt`;
    world.copies.primary.hide(seal.key);
    world.copies.primary.overwrite(seal.key, Buffer.from('another one'));
    world.copies.secondary.overwrite(stray, Buffer.from('somebody put it there'));
    const before = (await preview()).plan;
    expect(before.removes).toMatchObject({ marker: { versions: 1 }, foreign: { versions: 2 } });
    await sweep();
    expect(await listedKeys(world)).not.toContain(stray);
    expect((await preview()).plan.total.versions).toBe(0);
    expect(await expectRestorable(world, vault)).toBe(1);
  });

  test('forgets no kept snapshot with what a killed attempt has left under its name', async () => {
    const [snapshot] = (await backUpDaily(world, vault, 1)) as [Snapshot];
    const { vaultId, snapshotId } = snapshot;
    const [leftover, hidden] = [
      manifestKey(vaultId, snapshotId, 7),
      manifestKey(vaultId, snapshotId, 8),
    ];
    world.copies.primary.overwrite(leftover, Buffer.from('of an attempt that was killed'));
    world.copies.secondary.hide(hidden);
    await sweepConfirmed(world, vault);
    const keys = await listedKeys(world);
    expect(keys).not.toContain(leftover);
    expect(keys).not.toContain(hidden);
    expect(await snapshotRecords(world, vault)).toEqual([snapshot]);
    expect(await expectRestorable(world, vault)).toBe(1);
  });

  test('refuses to restore, hold or verify what has expired', async () => {
    const [first] = await backUpDaily(world, vault, 2);
    await moveBehindEnd(world, first as Snapshot);
    await sweep();
    const { snapshotId } = first as Snapshot;
    const gone = { code: 'SNAPSHOT_EXPIRED' };
    const hold = placeHold(world.services, OPERATOR, vault.vaultId, { ...TERMS, snapshotId });
    await expect(hold).rejects.toMatchObject(gone);
    const restore = requestRestore(world.services, OPERATOR, vault.vaultId, {
      snapshotId,
      patterns: [],
      from: 'any',
      target: { kind: 'folder' },
      overwrite: false,
    });
    await expect(restore).rejects.toMatchObject(gone);
  });
});

/** Services of a run to which something happens just before its commit. */
function beforeCommit(happens: () => Promise<void>): Services {
  const { ledger } = world.services;
  const write = async (changes: readonly Change[]): Promise<void> => {
    if (changes.some(({ record }) => record.kind === 'snapshot')) {
      await happens();
    }
    return ledger.write(changes);
  };
  const watched = new Proxy(ledger, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      return name === 'write' ? write : (member as () => void).bind(target);
    },
  });
  return { ...world.services, ledger: watched };
}

describe('a sweep beside a backup', () => {
  test('keeps what a run at work has written, and what it carries forward', async () => {
    await backUpDaily(world, vault, 3);
    await world.clock.moveDays(60);
    await backUpDaily(world, vault, 1);
    const { vaultId } = vault;
    sourceOf(world, vault).put('record-9', 'new');
    const source = world.services.openSource(await vaultNow(world, vaultId));
    const sweepingSource = new Proxy(source, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (name !== 'read') {
          return (member as () => void).bind(target);
        }
        return async (...args: unknown[]) => {
          await sweep();
          await sweepConfirmed(world, vault);
          return Reflect.apply(member as () => unknown, target, args);
        };
      },
    });
    const services = { ...world.services, openSource: () => sweepingSource };
    const snapshot = await backUp({ ...world, services }, vault);
    expect(snapshot.counts.records).toBe(4);
    await sweepConfirmed(world, vault);
    expect(await expectRestorable(world, vault)).toBe(2);
  });

  test('takes nothing for left over of a run that commits while it looks', async () => {
    await backUpDaily(world, vault, 1);
    await sweep();
    const [reached, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const committing = beforeCommit(async () => {
      reached.resolve();
      await mayCommit.promise;
    });
    sourceOf(world, vault).put('record-9', 'new');
    const running = backUp({ ...world, services: committing }, vault);
    await reached.promise;
    async function* thenCommitted(snapshots: AsyncIterable<unknown>): AsyncGenerator<unknown> {
      yield* snapshots;
      mayCommit.resolve();
      await running;
    }
    const ledger = new Proxy(world.services.ledger, {
      get(target, name) {
        const member = Reflect.get(target, name, target) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          const answer = Reflect.apply(member, target, args);
          const isSnapshots = name === 'list' && args[0] === 'snapshot';
          return isSnapshots ? thenCommitted(answer as AsyncIterable<unknown>) : answer;
        };
      },
    });
    const { plan } = await previewSweep(
      { ...world.services, ledger },
      vault.vaultId,
      LIMITS,
      always,
    );
    expect(plan).toMatchObject({ doomed: [], stays: { versions: 0 }, disagreements: [] });
  });

  test('does not wait for a run that was not heard of for a day', async () => {
    await backUpDaily(world, vault, 1);
    sourceOf(world, vault).put('record-9', 'lost');
    const killed = beforeCommit(async () => {
      throw new Error('killed before the commit');
    });
    await expect(backUp({ ...world, services: killed }, vault)).rejects.toThrow('killed');
    const stays = async () => (await preview()).plan.stays.versions;
    await sweep();
    expect(await stays()).toBe(0);
    await world.clock.moveDays(2);
    expect(await stays()).toBe(6);
  });

  test('removes what a run left that was never committed, once its lock ended', async () => {
    await backUpDaily(world, vault, 1);
    sourceOf(world, vault).put('record-9', 'lost');
    const failing = beforeCommit(async () => {
      throw new Error('killed before the commit');
    });
    await expect(backUp({ ...world, services: failing }, vault)).rejects.toThrow('killed');
    await world.clock.moveDays(1);
    await backUpDaily(world, vault, 1);
    await sweep();
    const orphans = (await listedKeys(world)).length;
    expect((await preview()).plan.stays.versions).toBeGreaterThan(4);
    await world.clock.moveDays(50);
    await renewLocks(world.services, always);
    await sweepConfirmed(world, vault);
    expect((await listedKeys(world)).length).toBeLessThan(orphans);
    expect(await expectRestorable(world, vault)).toBe(1);
    expect(world.ledger.records().filter(({ kind }) => kind === 'pack')).toHaveLength(1);
  });
});
