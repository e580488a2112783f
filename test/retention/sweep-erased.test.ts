import { beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { beginPush } from '../../shared/push/begin-push.ts';
import { previewSweep } from '../../shared/retention/preview-sweep.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { sweepCopies, sweepOnRequest } from '../../shared/retention/sweep-copies.ts';
import { restoredFrom } from '../support/backed-up-vault.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { MemorySource } from '../support/memory-source.ts';
import { folderVault, push, writeFrom } from '../support/pushed-vault.ts';
import {
  backUpDaily,
  counting,
  locksOf,
  objectsOf,
  snapshotRecords,
} from '../support/retained-vault.ts';
import { sampleErasure } from '../support/sample-erasure.ts';
import { stoppingAfter } from '../support/stopping-services.ts';

const always = (): boolean => true;

import { LIMITS } from '../support/swept-vault.ts';

let world: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world, { policyId: 'consent-only' });
  await backUpDaily(world, vault, 5);
});

const confirmed = (services = world.services) =>
  sweepOnRequest(services, { vaultId: vault.vaultId, actor: OPERATOR, isConfirmed: true }, always);
const sweep = (services = world.services) => sweepCopies(services, always);

async function erase(): Promise<void> {
  const { vaultId } = vault;
  const erasureId = world.ids.next();
  const stored = await world.ledger.get('vault', vaultId);
  const record: Vault = { ...(stored?.record as Vault), state: 'ERASED', erasureId };
  await world.ledger.write([
    { record, expect: stored?.version ?? 0 },
    { record: sampleErasure(vaultId, erasureId, { state: 'ERASED' }), expect: 'absent' },
  ]);
  for (const copy of ['primary', 'secondary'] as const) {
    world.copies[copy].overwrite(`vaults/${vaultId}/tombstone.json`, Buffer.from('{}'));
  }
}

async function listed(): Promise<string[]> {
  const all = await Array.fromAsync(world.copies.primary.list('vaults/'));
  return all.map(({ key }) => key);
}

async function erasureNow() {
  const stored = await world.ledger.get('vault', vault.vaultId);
  const found = await world.ledger.get('erasure', vault.vaultId, stored?.record.erasureId ?? '');
  return found?.record;
}

describe('what is left of an erased vault', () => {
  test('goes as its locks end, to the last byte but the tombstone', async () => {
    await erase();
    await world.clock.moveDays(20);
    await renewLocks(world.services, always);
    await sweep();
    expect((await listed()).length).toBeGreaterThan(10);
    expect((await erasureNow())?.ciphertextRemovedAt).toBeNull();
    await world.clock.moveDays(40);
    expect(await sweep()).toMatchObject({ stopped: 0, failed: 0 });
    expect(await listed()).toEqual([`vaults/${vault.vaultId}/tombstone.json`]);
    expect((await erasureNow())?.ciphertextRemovedAt).toBe(world.clock.now().toISOString());
    const kinds = new Set(world.ledger.records().map(({ kind }) => kind));
    for (const kind of ['pack', 'snapshot', 'manifest-part', 'shard', 'reading'] as const) {
      expect(kinds).not.toContain(kind);
    }
    const audit = await Array.fromAsync(world.ledger.list('audit', { chainId: vault.vaultId }));
    expect(audit.at(-1)?.record.action).toBe('erasure.ciphertext-removed');
    // From then on nobody looks there again.
    const { services, calls } = counting(world.services);
    expect(await sweep(services)).toMatchObject({ vaults: 1, failed: 0 });
    expect(new Set(calls.map(({ method }) => method))).toEqual(new Set(['listFolders']));
  });

  test('goes too where a push was cut off that nobody ended', async () => {
    const pushed = await folderVault(world);
    const source = new MemorySource(world.clock, pushed.vaultId);
    source.put('a', 'one');
    await push(world, pushed, source);
    await world.clock.moveDays(1);
    source.put('b', 'two');
    const cutOff = await beginPush(world.services, OPERATOR, pushed.vaultId);
    await writeFrom(world, cutOff, source);
    vault = pushed;
    await erase();
    const others = (await listed()).filter((key) => !key.includes(pushed.vaultId));
    await world.clock.moveDays(30);
    await sweep();
    expect((await erasureNow())?.ciphertextRemovedAt).toBeNull();
    await world.clock.moveDays(30);
    await sweep();
    expect((await erasureNow())?.ciphertextRemovedAt).toBe(world.clock.now().toISOString());
    const left = (await listed()).filter((key) => !others.includes(key));
    expect(left).toEqual([`vaults/${pushed.vaultId}/tombstone.json`]);
  });

  test('is not declared gone while something of it is still locked', async () => {
    await erase();
    const [first] = await snapshotRecords(world, vault);
    const { key, versions } = (first as Snapshot).seal;
    const until = new Date('2031-01-01T00:00:00Z');
    await world.copies.secondary.extendLock(key, versions.secondary ?? '', until);
    await world.clock.moveDays(60);
    await sweep();
    expect((await erasureNow())?.ciphertextRemovedAt).toBeNull();
  });
});

describe('a sweep that is killed', () => {
  /** Old enough that much is to go, and one snapshot to stay. */
  async function scene(): Promise<Snapshot> {
    await world.clock.moveDays(60);
    const [last] = await backUpDaily(world, vault, 1);
    return last as Snapshot;
  }

  test.each(['before', 'after'] as const)(
    '%s any call loses nothing, and the next one removes the rest',
    async (when) => {
      const last = await scene();
      const needed = await objectsOf(world, last);
      const before = await restoredFrom(world, vault, last, 'primary');
      for (let point = 1; ; point += 1) {
        const stopping = stoppingAfter(world.services, point, when);
        const outcome = await confirmed(stopping.services).catch((error: unknown) => error);
        for (const object of needed) {
          expect(await locksOf(world, object)).not.toContain(null);
        }
        if (!(outcome instanceof Error)) {
          expect(point).toBeGreaterThan(60);
          break;
        }
      }
      await confirmed();
      expect(await restoredFrom(world, vault, last, 'secondary')).toEqual(before);
      const { plan, stopped } = await previewSweep(world.services, vault.vaultId, LIMITS, always);
      expect(stopped).toBeNull();
      expect(plan.doomed).toEqual([]);
      expect((await snapshotRecords(world, vault)).map((one) => one.snapshotId)).toEqual([
        last.snapshotId,
      ]);
    },
    30_000,
  );
});
