import { beforeEach, describe, expect, test } from 'vitest';
import { METRICS } from '../../shared/config/metric-names.ts';
import { COPY_NAMES, type CopyName } from '../../shared/domain/copy-name.ts';
import type { Pack, Snapshot, StoredObject, Vault } from '../../shared/domain/records.ts';
import { verifyShare } from '../../shared/verify/verify-share.ts';
import { backUp, bytesIn, packsOf, partsOf, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, registeredVault, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const always = (): boolean => true;
const never = (): boolean => false;

let world: MemoryServices;
let vault: Vault;
let snapshot: Snapshot;
let parts: StoredObject[];
let pack: Pack;

/** Both copies of a vault whose objects stay locked for the whole test. */
beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
  sourceOf(world, vault).put('a.txt', 'one record');
  snapshot = await backUp(world, vault);
  parts = await partsOf(world, snapshot);
  [pack] = (await packsOf(world, vault)) as [Pack];
  await lockUntil('2030-01-01T00:00:00.000Z');
});

/** Makes everything needed for years: backups of this version keep snapshots 35 days. */
async function lockUntil(
  lockedUntil: string,
  {
    droppedBy = null,
    expiredAt = null,
  }: { droppedBy?: string | null; expiredAt?: string | null } = {},
): Promise<void> {
  const { vaultId } = vault;
  const storedPack = await world.ledger.get('pack', vaultId, pack.packId);
  const storedSnapshot = await world.ledger.get('snapshot', vaultId, snapshot.snapshotId);
  if (storedPack === undefined || storedSnapshot === undefined) {
    throw new Error('the backup left nothing');
  }
  await world.ledger.write([
    { record: { ...storedPack.record, lockedUntil, droppedBy }, expect: storedPack.version },
    {
      record: { ...storedSnapshot.record, lockedUntil, expiredAt },
      expect: storedSnapshot.version,
    },
  ]);
}

const objects = (): StoredObject[] => [pack, ...parts, snapshot.seal];

const versionOf = (stored: StoredObject, copy: CopyName): string => stored.versions[copy] ?? '';

async function flipBit(copy: CopyName, stored: StoredObject): Promise<() => void> {
  const bytes = await bytesIn(world, copy, stored);
  const damaged = Buffer.from(bytes);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  const version = versionOf(stored, copy);
  world.copies[copy].damage(stored.key, version, damaged);
  return () => world.copies[copy].damage(stored.key, version, bytes);
}

/** Lets days pass with a run on each. @returns the last summary. */
async function runDays(days: number): ReturnType<typeof verifyShare> {
  let summary = await verifyShare(world.services, always);
  for (let day = 1; day <= days; day += 1) {
    await world.clock.moveDays(1);
    summary = await verifyShare(world.services, always);
  }
  return summary;
}

async function auditActions(): Promise<string[]> {
  const entries = await Array.fromAsync(world.ledger.list('audit', { chainId: vault.vaultId }));
  return entries.map(({ record }) => record.action);
}

describe('the daily share', () => {
  test('has read every object of both copies once the days of a turn are over', async () => {
    const summary = await runDays(96);
    expect(summary).toMatchObject({ vaults: 1, behindBytes: 0, damaged: 0 });
    for (const { key, versions } of objects()) {
      const reading = await world.ledger.get('reading', vault.vaultId, key);
      for (const copy of COPY_NAMES) {
        expect(reading?.record.copies[copy]).toMatchObject({
          versionId: versions[copy],
          verifiedAt: expect.any(String),
          problem: null,
        });
      }
    }
    expect(summary.oldestDays).toBeLessThan(95);
    expect(world.telemetry.measures.at(-1)).toEqual({
      metric: METRICS.unverifiedDays,
      value: summary.oldestDays,
    });
  });

  test('says of a vault how much was read, never more', async () => {
    await verifyShare(world.services, never);
    expect(await world.ledger.get('coverage', vault.vaultId)).toBeUndefined();
    await runDays(96);
    const coverage = (await world.ledger.get('coverage', vault.vaultId))?.record;
    const bytes = objects().reduce((sum, { size }) => sum + size, 0);
    const readings = await Array.fromAsync(
      world.ledger.list('reading', { vaultId: vault.vaultId }),
    );
    for (const copy of COPY_NAMES) {
      const times = readings.map(({ record }) => record.copies[copy]?.verifiedAt ?? '');
      expect(coverage?.copies[copy]).toEqual({
        bytes,
        verifiedBytes: bytes,
        since: times.sort()[0],
        damaged: 0,
      });
    }
  });

  test('leaves no trace of what it read but the reading and the coverage', async () => {
    const before = await vaultNow(world, vault.vaultId);
    await runDays(96);
    expect(await vaultNow(world, vault.vaultId)).toEqual(before);
  });

  test('reads ciphertext of a vault that waits for its erasure, with no key', async () => {
    const stored = await world.ledger.get('vault', vault.vaultId);
    const pending: Vault = { ...(stored?.record ?? vault), state: 'ERASE_PENDING' };
    await world.ledger.write([{ record: pending, expect: stored?.version ?? 0 }]);
    const { custody: _, ...withoutKeys } = world.services;
    await world.clock.moveDays(96);
    const summary = await verifyShare(withoutKeys, always);
    expect(summary).toMatchObject({ vaults: 1, objects: 6 });
  });

  test('leaves an erased vault alone', async () => {
    const stored = await world.ledger.get('vault', vault.vaultId);
    const erased: Vault = { ...(stored?.record ?? vault), state: 'ERASED' };
    await world.ledger.write([{ record: erased, expect: stored?.version ?? 0 }]);
    await world.clock.moveDays(200);
    const summary = await verifyShare(world.services, always);
    expect(summary).toMatchObject({ vaults: 0, objects: 0, oldestDays: 0 });
  });

  test('leaves alone what no snapshot names and is locked no longer', async () => {
    await lockUntil('2026-12-01T00:00:00.000Z', {
      droppedBy: world.ids.next(),
      expiredAt: '2026-11-30T00:00:00.000Z',
    });
    await world.clock.moveDays(200);
    const summary = await verifyShare(world.services, always);
    expect(summary).toMatchObject({ vaults: 1, objects: 0, oldestDays: 0 });
  });
});

describe('damage in one copy', () => {
  test.each(COPY_NAMES)('in the %s copy is found, named and reported', async (copy) => {
    const repair = await flipBit(copy, pack);
    await world.clock.moveDays(96);
    expect(await verifyShare(world.services, always)).toMatchObject({ damaged: 1, objects: 5 });
    expect(world.telemetry.eventsNamed('copy.damaged')).toEqual([
      { vaultId: vault.vaultId, copy, object: pack.key },
    ]);
    expect(world.telemetry.total(METRICS.copyDamaged)).toBe(1);
    expect((await auditActions()).at(-1)).toBe('copy.damaged');

    // As long as it lasts it is read and reported every day, with one entry in the audit chain.
    await world.clock.moveDays(1);
    await verifyShare(world.services, always);
    expect(world.telemetry.total(METRICS.copyDamaged)).toBe(2);
    expect((await auditActions()).filter((action) => action === 'copy.damaged')).toHaveLength(1);

    repair();
    await world.clock.moveDays(1);
    expect(await verifyShare(world.services, always)).toMatchObject({ damaged: 0 });
    expect((await auditActions()).at(-1)).toBe('copy.readable-again');
  });

  test('such as a truncated or a lost object is found too', async () => {
    const bytes = await bytesIn(world, 'primary', pack);
    const { key, versions } = snapshot.seal;
    world.copies.primary.damage(pack.key, versionOf(pack, 'primary'), bytes.subarray(0, -9));
    world.copies.secondary.lose(key, versions.secondary ?? '');
    await world.clock.moveDays(96);
    await verifyShare(world.services, always);
    const cut = await world.ledger.get('reading', vault.vaultId, pack.key);
    const lost = await world.ledger.get('reading', vault.vaultId, key);
    expect(cut?.record.copies.primary).toMatchObject({ problem: 'truncated', verifiedAt: null });
    expect(lost?.record.copies.secondary).toMatchObject({ problem: 'missing' });
    const coverage = await world.ledger.get('coverage', vault.vaultId);
    expect(coverage?.record.copies).toMatchObject({
      primary: { damaged: 1 },
      secondary: { damaged: 1 },
    });
  });

  test('keeps the age of what was not read growing', async () => {
    await flipBit('primary', pack);
    const summary = await runDays(120);
    expect(summary.oldestDays).toBe(120);
  });

  test('a new version that repaired an object counts as never read', async () => {
    await runDays(96);
    const bytes = await bytesIn(world, 'primary', pack);
    const version = world.copies.primary.overwrite(pack.key, bytes);
    const stored = await world.ledger.get('pack', vault.vaultId, pack.packId);
    const versions = { ...pack.versions, primary: version };
    const record = { ...(stored?.record ?? pack), versions };
    await world.ledger.write([{ record, expect: stored?.version ?? 0 }]);
    expect((await verifyShare(world.services, always)).oldestDays).toBeLessThan(95);
    const reading = await world.ledger.get('reading', vault.vaultId, pack.key);
    expect(reading?.record.copies.primary?.versionId).toBe(version);
  });
});

describe('when not everything can be read', () => {
  test('a copy that does not answer is behind, not damaged; the other one is read', async () => {
    world.copies.secondary.available = false;
    await world.clock.moveDays(96);
    const bytes = objects().reduce((sum, { size }) => sum + size, 0);
    const summary = await verifyShare(world.services, always);
    expect(summary).toMatchObject({
      objects: 3,
      verifiedBytes: bytes,
      behindBytes: bytes,
      damaged: 0,
      oldestDays: 96,
    });
    expect(world.telemetry.total(METRICS.copyDamaged)).toBe(0);
  });

  test('what is not in a copy yet is neither behind nor damaged there', async () => {
    const stored = await world.ledger.get('pack', vault.vaultId, pack.packId);
    const versions = { ...pack.versions, secondary: null };
    const record = { ...(stored?.record ?? pack), versions };
    await world.ledger.write([{ record, expect: stored?.version ?? 0 }]);
    await world.clock.moveDays(96);
    expect(await verifyShare(world.services, always)).toMatchObject({
      objects: 5,
      behindBytes: 0,
      damaged: 0,
    });
  });

  test('it stops when its time is over and says what is left', async () => {
    await world.clock.moveDays(96);
    let answers = 0;
    // Time for looking through the vault, and for half of the reading.
    const summary = await verifyShare(world.services, () => {
      answers += 1;
      return answers < 6;
    });
    const bytes = 2 * objects().reduce((sum, { size }) => sum + size, 0);
    expect(summary.verifiedBytes + summary.behindBytes).toBe(bytes);
    expect(summary.objects).toBeGreaterThan(0);
    expect(summary.behindBytes).toBeGreaterThan(0);
    expect(summary.oldestDays).toBe(96);
    expect(await verifyShare(world.services, always)).toMatchObject({ behindBytes: 0 });
  });

  test('without time for even looking it reports no age, so that its silence rings', async () => {
    expect(await verifyShare(world.services, never)).toMatchObject({ oldestDays: null });
    expect(world.telemetry.measures.map(({ metric }) => metric)).not.toContain(
      METRICS.unverifiedDays,
    );
  });

  test('the vault that has waited longest comes first', async () => {
    await world.clock.moveDays(10);
    const second = await registeredVault(world, { reference: 'A-2' });
    sourceOf(world, second).put('b.txt', 'another');
    await backUp(world, second);
    await world.clock.moveDays(20);
    let answers = 0;
    const summary = await verifyShare(world.services, () => {
      answers += 1;
      return answers <= 2;
    });
    expect(summary).toMatchObject({ vaults: 2, oldestDays: 30 });
  });
});
