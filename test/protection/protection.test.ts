import { beforeEach, describe, expect, test } from 'vitest';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { checkProtection } from '../../shared/protection/check-protection.ts';
import { snapshotProtection } from '../../shared/protection/snapshot-protection.ts';
import { partsOf, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

let living: MemoryServices;
let vault: Vault;
let snapshot: Snapshot;

beforeEach(async () => {
  living = livingInstallation();
  vault = await registeredVault(living);
  sourceOf(living, vault).put('a.txt', Buffer.from('one record'));
  const { runId } = await requestBackup(living.services, OPERATOR, vault.vaultId);
  snapshot = await runBackup(living.services, { vaultId: vault.vaultId, runId });
});

/** Of an expired snapshot no lock is asked for. */
const expired = (): Snapshot => ({ ...snapshot, expiredAt: snapshot.createdAt });

describe('the protection of a snapshot', () => {
  test('is what both copies say: every object there and locked to its end', async () => {
    const protection = await snapshotProtection(living.services, snapshot);
    expect(protection).toMatchObject({ state: 'protected', objects: 3 });
    expect(protection.copies.secondary).toEqual({
      present: 3,
      missing: 0,
      short: 0,
      due: 0,
      unasked: 0,
      earliestLockEnd: snapshot.lockedUntil,
      answered: true,
    });
  });

  test('is single-copy when an object lies in one copy only', async () => {
    await living.clock.moveTo(new Date(Date.parse(snapshot.lockedUntil) + 1));
    const [part = snapshot.seal] = await partsOf(living, snapshot);
    const { key, versions } = part;
    await living.copies.primary.remove(key, versions.primary ?? '');
    const protection = await snapshotProtection(living.services, expired());
    expect(protection).toMatchObject({
      state: 'single-copy',
      copies: { primary: { missing: 1 }, secondary: { missing: 0 } },
    });
  });

  test('is damaged when an object lies in neither', async () => {
    await living.clock.moveTo(new Date(Date.parse(snapshot.lockedUntil) + 1));
    const [part = snapshot.seal] = await partsOf(living, snapshot);
    const { key, versions } = part;
    await living.copies.primary.remove(key, versions.primary ?? '');
    await living.copies.secondary.remove(key, versions.secondary ?? '');
    expect((await snapshotProtection(living.services, snapshot)).state).toBe('damaged');
  });

  test('does not ask for a lock to the end of the snapshot, only for the minimum', async () => {
    const longer = { ...snapshot, retainUntil: '2030-01-01T00:00:00.000Z' };
    expect((await snapshotProtection(living.services, longer)).state).toBe('protected');
  });

  test('counts locks that end before the minimum and before the snapshot does', async () => {
    const longer = { ...snapshot, retainUntil: '2030-01-01T00:00:00.000Z' };
    await living.clock.moveDays(15);
    const protection = await snapshotProtection(living.services, longer);
    expect(protection).toMatchObject({ state: 'damaged', copies: { primary: { short: 3 } } });
  });

  test('is unknown, not fine, when a copy does not answer', async () => {
    const { secondary, primary } = living.copies;
    const silent = Object.create(secondary, {
      inspect: {
        value: async (object: string) => {
          throw new HoldfastError('COPY_UNAVAILABLE', { copy: 'secondary', object });
        },
      },
    });
    const protection = await snapshotProtection(
      { ...living.services, copies: { primary, secondary: silent } },
      snapshot,
    );
    expect(protection).toMatchObject({
      state: 'unknown',
      copies: { secondary: { answered: false } },
    });
  });
});

describe('the hourly check', () => {
  test('reports zeros when everything is well', async () => {
    expect(await checkProtection(living.services)).toEqual({
      vaults: 1,
      staleHours: 0,
      rpoExceededHours: 0,
      unprotected: 0,
      locksShort: 0,
      lockDelayDays: 0,
      locksUnknown: 0,
      isHandedOver: false,
    });
    expect(living.telemetry.measures.slice(-6)).toEqual([
      { metric: 'BackupStaleHours', value: 0 },
      { metric: 'RpoExceededHours', value: 0 },
      { metric: 'SingleCopySnapshots', value: 0 },
      { metric: 'LocksShort', value: 0 },
      { metric: 'LockDelayDays', value: 0 },
      { metric: 'LocksUnknown', value: 0 },
    ]);
  });

  test('reports how long a backup is overdue', async () => {
    await living.clock.moveDays(3);
    expect(await checkProtection(living.services)).toMatchObject({ staleHours: 48 });
  });

  test('reports by how much a snapshot is older than the policy lets it be', async () => {
    await living.clock.moveDays(2);
    expect(await checkProtection(living.services)).toMatchObject({ rpoExceededHours: 0 });
    await living.clock.moveDays(1);
    expect(await checkProtection(living.services)).toMatchObject({ rpoExceededHours: 24 });
  });

  test('reports a vault that was never backed up', async () => {
    await registeredVault(living, { reference: 'A-2' });
    await living.clock.moveDays(2);
    expect(await checkProtection(living.services)).toMatchObject({ vaults: 2, staleHours: 24 });
  });
});
