import { beforeEach, describe, expect, test } from 'vitest';
import { COPY_NAMES, type CopyName, otherCopy } from '../../shared/domain/copy-name.ts';
import type { Pack, Snapshot, Vault } from '../../shared/domain/records.ts';
import { snapshotProtection } from '../../shared/protection/snapshot-protection.ts';
import { repairCopies } from '../../shared/repair/repair-copies.ts';
import { backUp, partsOf, restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, registeredVault, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const MIB = 1024 * 1024;
const RECORDS = { a: 'one', b: 'x'.repeat(33 * MIB), c: 'three' };

let world: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
});

function putAll(records: Record<string, string>): void {
  for (const [path, text] of Object.entries(records)) {
    sourceOf(world, vault).put(path, text);
  }
}

/** At the `call`-th call of these methods for such a key the copy goes down. */
function goesDown(name: CopyName, methods: readonly string[], key: RegExp, call: number): void {
  const copy = world.copies[name];
  let calls = 0;
  for (const method of methods) {
    const original = Reflect.get(copy, method).bind(copy);
    Reflect.set(copy, method, (at: string, ...rest: unknown[]) => {
      calls += key.test(at) ? 1 : 0;
      if (calls === call && key.test(at)) {
        copy.available = false;
      }
      return original(at, ...rest);
    });
  }
}

async function snapshotNow({ vaultId, snapshotId }: Snapshot): Promise<Snapshot> {
  return (await world.ledger.get('snapshot', vaultId, snapshotId))?.record as Snapshot;
}

async function packsNow(): Promise<Pack[]> {
  const packs = await Array.fromAsync(world.ledger.list('pack', { vaultId: vault.vaultId }));
  return packs.map(({ record }) => record);
}

/** The copy comes back, the repair runs, and either copy alone gives all back. */
async function expectRepair(name: CopyName, snapshot: Snapshot): Promise<void> {
  world.copies[name].available = true;
  expect(await repairCopies(world.services)).toEqual({ repaired: 1, waiting: 0 });
  const repaired = await snapshotNow(snapshot);
  expect(repaired.protectionState).toBe('protected');
  expect(await snapshotProtection(world.services, repaired)).toMatchObject({ state: 'protected' });
  const parts = await partsOf(world, repaired);
  for (const { versions } of [repaired.seal, ...parts, ...(await packsNow())]) {
    expect(versions).toEqual({ primary: expect.any(String), secondary: expect.any(String) });
  }
  expect(await repairCopies(world.services)).toEqual({ repaired: 0, waiting: 0 });
  for (const alone of COPY_NAMES) {
    world.copies[otherCopy(alone)].available = false;
    expect(await restoredFrom(world, vault, repaired, alone)).toEqual(RECORDS);
    // The seal is as it was written: what it could not name is found in the copy.
    const asWritten = { ...repaired, seal: { ...repaired.seal, versions: snapshot.seal.versions } };
    expect(await restoredFrom(world, vault, asWritten, 'any')).toEqual(RECORDS);
    world.copies[otherCopy(alone)].available = true;
  }
}

describe.each(COPY_NAMES)('when the %s copy goes down', (name) => {
  test.each([
    ['before the run', /./, 1],
    ['while packs are written', /packs/, 2],
    ['at the last pack', /packs/, 3],
    ['at the manifest', /manifest/, 1],
    ['at the seal', /seal/, 1],
  ])('format.md 5.5: %s, it is single-copy until it is repaired', async (_, key, call) => {
    putAll(RECORDS);
    goesDown(name, ['put', 'open'], key, call);
    const snapshot = await backUp(world, vault);
    expect(snapshot.protectionState).toBe('single-copy');
    expect(snapshot.seal.versions[name]).toBeNull();
    expect(snapshot.seal.versions[otherCopy(name)]).not.toBeNull();
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(RECORDS);
    expect(await repairCopies(world.services)).toEqual({ repaired: 0, waiting: 1 });
    expect((await snapshotNow(snapshot)).protectionState).toBe('single-copy');
    await expectRepair(name, snapshot);
  });

  test('while locks are extended, the repair extends them', async () => {
    putAll(RECORDS);
    await backUp(world, vault);
    await world.clock.moveDays(20);
    goesDown(name, ['extendLock'], /packs/, 2);
    const snapshot = await backUp(world, vault);
    expect(snapshot).toMatchObject({ protectionState: 'single-copy', counts: { readRecords: 0 } });
    world.copies[name].available = true;
    expect(await snapshotProtection(world.services, snapshot)).toMatchObject({
      state: 'single-copy',
      copies: { [otherCopy(name)]: { short: 0 } },
    });
    await expectRepair(name, snapshot);
    for (const pack of await packsNow()) {
      expect(pack.lockedUntil).toBe(snapshot.lockedUntil);
    }
  });

  test('a pack of it that later snapshots carry forward is repaired for all of them', async () => {
    putAll(RECORDS);
    world.copies[name].available = false;
    const first = await backUp(world, vault);
    await world.clock.moveDays(1);
    world.copies[name].available = true;
    const second = await backUp(world, vault);
    expect(second).toMatchObject({ protectionState: 'single-copy', counts: { readRecords: 0 } });
    expect(second.seal.versions[name]).not.toBeNull();
    expect(await repairCopies(world.services)).toEqual({ repaired: 2, waiting: 0 });
    for (const snapshot of [first, second]) {
      const repaired = await snapshotNow(snapshot);
      expect(await restoredFrom(world, vault, repaired, name)).toEqual(RECORDS);
    }
  });

  test('an answer that was lost leaves one object, which the repair finds', async () => {
    putAll({ a: 'one' });
    const copy = world.copies[name];
    const put = copy.put.bind(copy);
    copy.put = async (...args) => {
      await put(...args);
      copy.available = false;
      return put(...args);
    };
    const snapshot = await backUp(world, vault);
    copy.put = put;
    copy.available = true;
    expect(snapshot.protectionState).toBe('single-copy');
    await repairCopies(world.services);
    const listed = await Array.fromAsync(copy.list('vaults/'));
    expect(new Set(listed.map(({ key }) => key)).size).toBe(listed.length);
    expect(await restoredFrom(world, vault, snapshot, name)).toEqual({ a: 'one' });
  });

  test('what lies under the name and is not the object is not taken for it', async () => {
    putAll({ a: 'one' });
    world.copies[name].available = false;
    const snapshot = await backUp(world, vault);
    world.copies[name].available = true;
    const parts = await partsOf(world, snapshot);
    for (const { key, size } of [snapshot.seal, ...parts, ...(await packsNow())]) {
      world.copies[name].overwrite(key, Buffer.alloc(size, 'planted'));
    }
    await expect(restoredFrom(world, vault, snapshot, name)).rejects.toMatchObject({
      code: 'OBJECT_MISSING',
    });
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual({ a: 'one' });
  });
});

describe('what is no outage of one copy', () => {
  test('both copies down fails the run', async () => {
    putAll({ a: 'one' });
    world.copies.primary.available = false;
    world.copies.secondary.available = false;
    await expect(backUp(world, vault)).rejects.toMatchObject({ code: 'COPY_UNAVAILABLE' });
    expect((await vaultNow(world, vault.vaultId)).lastSnapshotId).toBeNull();
  });

  test.each(COPY_NAMES)('keys of the %s Region that do not answer fail the run', async (name) => {
    putAll({ a: 'one' });
    world.custody.available[name] = false;
    await expect(backUp(world, vault)).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE' });
    expect((await vaultNow(world, vault.vaultId)).lastSnapshotId).toBeNull();
  });
});

describe('the repair', () => {
  test('stops when its time is up and goes on where it was', async () => {
    putAll(RECORDS);
    world.copies.secondary.available = false;
    const snapshot = await backUp(world, vault);
    world.copies.secondary.available = true;
    const left = [600_000, 600_000, 0];
    const remainingMs = () => left.shift() ?? 0;
    expect(await repairCopies(world.services, remainingMs)).toEqual({ repaired: 0, waiting: 1 });
    const done = (await packsNow()).filter(({ versions }) => versions.secondary !== null);
    expect(done).toHaveLength(2);
    await expectRepair('secondary', snapshot);
  });

  test('says loudly when the only copy is damaged, and repairs the other vaults', async () => {
    putAll({ a: 'one' });
    const other = await registeredVault(world, { reference: 'A-2' });
    sourceOf(world, other).put('b', 'two');
    world.copies.primary.available = false;
    const broken = await backUp(world, vault);
    const sound = await backUp(world, other);
    world.copies.primary.available = true;
    const [pack] = await packsNow();
    const version = pack?.versions.secondary ?? '';
    world.copies.secondary.damage(pack?.key ?? '', version, Buffer.alloc(pack?.size ?? 0));
    await expect(repairCopies(world.services)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
    expect((await snapshotNow(broken)).protectionState).toBe('single-copy');
    expect((await snapshotNow(sound)).protectionState).toBe('protected');
  });

  test('leaves a snapshot alone that has ended', async () => {
    putAll({ a: 'one' });
    world.copies.primary.available = false;
    await backUp(world, vault);
    world.copies.primary.available = true;
    await world.clock.moveDays(60);
    putAll({ a: 'two, and nothing of what was' });
    await backUp(world, vault);
    expect(await repairCopies(world.services)).toEqual({ repaired: 0, waiting: 0 });
  });

  test('locks anew what is still kept although its lock has ended', async () => {
    putAll({ a: 'one' });
    world.copies.primary.available = false;
    const broken = await backUp(world, vault);
    world.copies.primary.available = true;
    await world.clock.moveDays(60);
    expect(await repairCopies(world.services)).toEqual({ repaired: 1, waiting: 0 });
    const repaired = await snapshotNow(broken);
    expect(repaired.protectionState).toBe('protected');
    const aMonth = 30 * 86_400_000;
    const ahead = Date.parse(repaired.lockedUntil) - world.clock.now().getTime();
    expect(ahead).toBeGreaterThanOrEqual(aMonth);
  });

  test('is told in the audit chain', async () => {
    putAll({ a: 'one' });
    world.copies.primary.available = false;
    const { snapshotId } = await backUp(world, vault);
    world.copies.primary.available = true;
    await repairCopies(world.services);
    const audit = await Array.fromAsync(world.ledger.list('audit', { chainId: vault.vaultId }));
    expect(audit.at(-1)?.record).toMatchObject({
      action: 'snapshot.repaired',
      details: { snapshotId },
    });
  });
});
