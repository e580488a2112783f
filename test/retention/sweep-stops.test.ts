import { beforeEach, describe, expect, test } from 'vitest';
import { newRun } from '../../shared/backup/new-run.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { applyHolds } from '../../shared/holds/apply-holds.ts';
import { approveRelease } from '../../shared/holds/approve-release.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { requestRelease } from '../../shared/holds/request-release.ts';
import { previewSweep } from '../../shared/retention/preview-sweep.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { type SweepSummary, sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { denying } from '../support/denying-copy.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { backUpDaily, snapshotRecords } from '../support/retained-vault.ts';
import { expectRestorable, LIMITS, listedKeys, sweepConfirmed } from '../support/swept-vault.ts';

const TERMS = { reason: 'litigation', reference: 'case 1' };
const always = (): boolean => true;
const MINUTE_MS = 60_000;

/** So many always go, whatever their share. */
const ALWAYS_FREE = 10;

let world: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world, { policyId: 'consent-only' });
});

const sweep = (services = world.services) => sweepCopies(services, always);
const preview = () => previewSweep(world.services, vault.vaultId, LIMITS, always);

/** Days as they go: back up, renew, apply holds, sweep. */
async function live(days: number): Promise<SweepSummary> {
  let last: SweepSummary | undefined;
  for (let day = 0; day < days; day += 1) {
    await backUpDaily(world, vault, 1);
    await renewLocks(world.services, always);
    await applyHolds(world.services);
    last = await sweep();
  }
  if (last === undefined) throw new Error('no day has passed');
  return last;
}

async function releaseAll(hold: { vaultId: string; holdId: string }): Promise<void> {
  await requestRelease(world.services, OPERATOR, hold, { reason: 'over' });
  await approveRelease(world.services, SUPERVISOR, hold);
}

describe('a sweep stops', () => {
  test('while the vault is under a hold, and goes on by itself afterwards', async () => {
    await backUpDaily(world, vault, 4);
    const hold = await placeHold(world.services, OPERATOR, vault.vaultId, TERMS);
    await world.clock.moveDays(60);
    await backUpDaily(world, vault, 1);
    const before = await listedKeys(world);
    expect(await sweep()).toMatchObject({ expired: 0, removed: 0, stopped: 0 });
    expect((await preview()).stopped).toBe('held');
    expect(await listedKeys(world)).toEqual(before);
    const address = { vaultId: vault.vaultId, holdId: hold.holdId };
    await requestRelease(world.services, OPERATOR, address, { reason: 'over' });
    await approveRelease(world.services, SUPERVISOR, address);
    await sweep();
    expect((await sweepConfirmed(world, vault)).result.removed.versions).toBeGreaterThan(0);
  });

  test('at a snapshot under a hold of its own, and nowhere else', async () => {
    const [first] = await backUpDaily(world, vault, 4);
    const { snapshotId } = first as Snapshot;
    await placeHold(world.services, OPERATOR, vault.vaultId, { ...TERMS, snapshotId });
    await world.clock.moveDays(60);
    await backUpDaily(world, vault, 1);
    await sweep();
    await sweepConfirmed(world, vault);
    const left = await snapshotRecords(world, vault);
    expect(left.map((one) => one.snapshotId)).toEqual([
      snapshotId,
      (await vaultNow(world, vault.vaultId)).lastSnapshotId,
    ]);
    expect(await expectRestorable(world, vault)).toBe(2);
  });

  test('when more would go at once than may go without a word', async () => {
    await backUpDaily(world, vault, 12);
    await world.clock.moveDays(60);
    await backUpDaily(world, vault, 1);
    const before = await listedKeys(world);
    expect(await sweep()).toMatchObject({ expired: 0, removed: 0, stopped: 1 });
    expect(world.telemetry.total('SweepStopped')).toBe(1);
    expect(await listedKeys(world)).toEqual(before);
    const swept = await sweepConfirmed(world, vault);
    expect(swept.result).toMatchObject({ expired: 12, stopped: null });
    expect(swept.result.removed.versions).toBeGreaterThan(30);
  });

  test('when an object is gone that the ledger needs', async () => {
    await backUpDaily(world, vault, 2);
    await world.clock.moveDays(60);
    await backUpDaily(world, vault, 1);
    const last = await vaultNow(world, vault.vaultId);
    const newest = await world.ledger.get('snapshot', vault.vaultId, last.lastSnapshotId ?? '');
    if (newest === undefined) {
      throw new Error('the vault has no snapshot');
    }
    const { seal } = newest.record;
    world.copies.primary.lose(seal.key, seal.versions.primary ?? '');
    const before = await listedKeys(world);
    expect((await sweepConfirmed(world, vault)).result).toMatchObject({ stopped: 'disagreement' });
    expect(await listedKeys(world)).toEqual(before);
    expect((await preview()).plan.disagreements).toEqual([
      {
        copy: 'primary',
        object: seal.key,
        problem: 'the ledger says that it is there, and it is not',
      },
    ]);
  });

  test.each(['no run', 'a run whose end it has never heard of'])(
    'when the ledger is older than the copies, and has %s at work',
    async (atWork) => {
      await backUpDaily(world, vault, 1);
      const run = newRun(vault, world.ids.next(), OPERATOR, world.clock.now());
      const until = new Date(world.clock.now().getTime() + 20 * MINUTE_MS).toISOString();
      const lease = atWork === 'no run' ? null : { runId: run.runId, until };
      await world.clock.moveDays(1);
      await backUpDaily(world, vault, 2);
      const [first] = await snapshotRecords(world, vault);
      await world.clock.moveDays(60);
      // A ledger as it was after the first day: of what came later it knows nothing.
      const restored = livingInstallation();
      await restored.clock.moveTo(world.clock.now());
      const lost = (record: { kind: string; snapshotId?: unknown; runId?: unknown }): boolean =>
        ['snapshot', 'pack', 'manifest-part', 'shard', 'run'].includes(record.kind) &&
        record.snapshotId !== first?.snapshotId &&
        record.runId !== first?.runId;
      for (const record of world.ledger.records()) {
        const isVault = record.kind === 'vault';
        if (!lost(record as never)) {
          const early = { lastSnapshotId: first?.snapshotId ?? null, activeRun: lease };
          const kept = isVault ? { ...record, ...early } : record;
          await restored.ledger.write([{ record: kept, expect: 'absent' }]);
        }
      }
      if (lease !== null) {
        await restored.ledger.write([{ record: run, expect: 'absent' }]);
      }
      const services = { ...world.services, ledger: restored.ledger };
      const before = await listedKeys(world);
      expect(await sweep(services)).toMatchObject({ removed: 0, stopped: 1 });
      const found = await previewSweep(
        services,
        vault.vaultId,
        { ...LIMITS, mostShare: 1 },
        always,
      );
      expect(found.plan.disagreementCount).toBe(4);
      expect(found.plan.disagreements[0]?.problem).toBe(
        'the ledger knows neither this snapshot nor a run that wrote it',
      );
      expect(await listedKeys(world)).toEqual(before);
    },
  );

  test('at an erased vault that the ledger takes for a living one', async () => {
    await backUpDaily(world, vault, 1);
    const key = `vaults/${vault.vaultId}/tombstone.json`;
    world.copies.secondary.overwrite(key, Buffer.from('{}'));
    expect(await sweep()).toMatchObject({ removed: 0, stopped: 1 });
    expect((await preview()).plan.disagreements).toMatchObject([
      { copy: 'secondary', object: key, problem: expect.stringContaining('ACTIVE') },
    ]);
    expect(await listedKeys(world)).toContain(key);
  });

  test('before all was compared when its time is over, and the next one goes on', async () => {
    await backUpDaily(world, vault, 4);
    await world.clock.moveDays(60);
    await backUpDaily(world, vault, 1);
    const before = await listedKeys(world);
    let left = 12;
    const summary = await sweepCopies(world.services, () => {
      left -= 1;
      return left >= 0;
    });
    expect(summary).toMatchObject({ expired: 4, removed: 0, stopped: 0, isHandedOver: true });
    expect(await listedKeys(world)).toEqual(before);
    expect((await world.ledger.get('upkeep', vault.vaultId))?.record.sweep).toBeNull();
    expect(world.pipeline.sweeps).toHaveLength(1);
    expect((await sweepConfirmed(world, vault)).result.removed.versions).toBe(18);
  });

  test('while a copy does not answer', async () => {
    await backUpDaily(world, vault, 2);
    await world.clock.moveDays(60);
    await backUpDaily(world, vault, 1);
    const before = await listedKeys(world);
    world.copies.secondary.available = false;
    await expect(sweep()).rejects.toMatchObject({ code: 'COPY_UNAVAILABLE' });
    world.copies.secondary.available = true;
    expect(await listedKeys(world)).toEqual(before);
  });

  test('while a copy denies how long something unknown is locked', async () => {
    await backUpDaily(world, vault, 2);
    await world.clock.moveDays(60);
    await backUpDaily(world, vault, 1);
    world.copies.secondary.overwrite(`vaults/${vault.vaultId}/strange`, Buffer.from('?'));
    const before = await listedKeys(world);
    const secondary = denying(world.copies.secondary, 'inspect');
    const services = { ...world.services, copies: { ...world.copies, secondary } };
    await expect(sweep(services)).rejects.toMatchObject({ code: 'COPY_DENIED' });
    expect(await listedKeys(world)).toEqual(before);
  });
});

describe('what a released hold has kept back', () => {
  const keptNow = async () =>
    (await snapshotRecords(world, vault)).filter(({ expiredAt }) => expiredAt === null).length;

  test('goes by itself, a share of the vault each day, until all is as usual', async () => {
    await live(45);
    const usual = await keptNow();
    const hold = await placeHold(world.services, OPERATOR, vault.vaultId, TERMS);
    await live(120);
    expect(await keptNow()).toBe(usual + 120);
    await releaseAll(hold);
    const first = await live(1);
    expect(first.stopped).toBe(0);
    expect(first.expired).toBeGreaterThan(ALWAYS_FREE);
    expect(first.expired).toBeLessThanOrEqual((usual + 121) / 2);
    let removed = 0;
    for (let day = 0; day < 110; day += 1) {
      const { stopped, ...sweep } = await live(1);
      expect(stopped).toBe(0);
      removed += sweep.removed;
    }
    expect(await keptNow()).toBe(usual);
    expect(removed).toBeGreaterThan(3 * 120);
    expect(await expectRestorable(world, vault)).toBe(usual);
  }, 120_000);

  test('is told beforehand as it will go', async () => {
    await live(12);
    const hold = await placeHold(world.services, OPERATOR, vault.vaultId, TERMS);
    await live(40);
    await releaseAll(hold);
    const { expiring, stopped } = await preview();
    expect(stopped).toBeNull();
    expect(await sweep()).toMatchObject({ expired: expiring.length, stopped: 0 });
  });

  test('does not excuse what became due after the release', async () => {
    await live(20);
    const hold = await placeHold(world.services, OPERATOR, vault.vaultId, TERMS);
    await live(20);
    await releaseAll(hold);
    await world.clock.moveDays(90);
    await backUpDaily(world, vault, 1);
    expect(await sweep()).toMatchObject({ expired: 0, removed: 0, stopped: 1 });
    expect((await preview()).stopped).toBe('share');
  });

  test('does not excuse a clock that is wrong by years', async () => {
    await live(12);
    const hold = await placeHold(world.services, OPERATOR, vault.vaultId, TERMS);
    await live(40);
    await releaseAll(hold);
    await world.clock.moveDays(3 * 365);
    expect(await sweep()).toMatchObject({ expired: 0, removed: 0, stopped: 1 });
  });
});
