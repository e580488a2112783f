import { beforeEach, describe, expect, test } from 'vitest';
import { requestRestoreBody } from '../../shared/admin-api/messages.ts';
import { METRICS } from '../../shared/config/metric-names.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { tombstoneKey } from '../../shared/format/object-keys.ts';
import { requestRestore } from '../../shared/restore/request-restore.ts';
import { restoreSnapshot } from '../../shared/restore/restore-snapshot.ts';
import { runRestore } from '../../shared/restore/run-restore.ts';
import { backUp, sourceOf, textsOf } from '../support/backed-up-vault.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { MemoryTarget } from '../support/memory-target.ts';

const TARGET = { kind: 's3', bucket: 'restored', prefix: 'case-1/' } as const;
const LOCATION = { bucket: 'restored', prefix: 'case-1/', region: 'eu-central-1' };

let world: MemoryServices;
let vault: Vault;
let snapshot: Snapshot;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
  sourceOf(world, vault).put('a', 'one');
  snapshot = await backUp(world, vault);
});

async function request(body: object = { target: TARGET }, vaultId = vault.vaultId) {
  return requestRestore(world.services, OPERATOR, vaultId, requestRestoreBody.parse(body));
}

async function setState(state: Vault['state']): Promise<void> {
  const stored = await world.ledger.get('vault', vault.vaultId);
  const record = { ...(stored?.record ?? vault), state };
  await world.ledger.write([{ record, expect: stored?.version ?? 0 }]);
}

async function lastAudit(): Promise<{ action: string; details: object } | undefined> {
  const listed = world.ledger.list('audit', { chainId: vault.vaultId });
  return (await Array.fromAsync(listed)).at(-1)?.record;
}

describe('asking for a restore', () => {
  test('to a prefix takes the latest snapshot and the primary Region, and starts it', async () => {
    sourceOf(world, vault).put('a', 'two');
    const latest = await backUp(world, vault);
    const { restore, plan } = await request();
    expect(restore).toMatchObject({
      state: 'RUNNING',
      snapshotId: latest.snapshotId,
      requestedBy: OPERATOR,
      target: { ...TARGET, region: 'eu-central-1' },
    });
    expect(plan.seal).toEqual(latest.seal);
    const { vaultId, restoreId } = restore;
    expect(world.pipeline.restores).toEqual([{ vaultId, restoreId }]);
    expect(await lastAudit()).toMatchObject({ action: 'restore.requested' });
  });

  test('to a folder starts nothing; the plan is enough to carry it out', async () => {
    const { snapshotId } = snapshot;
    const { restore, plan } = await request({ snapshotId, target: { kind: 'folder' } });
    expect(restore.state).toBe('DELEGATED');
    expect(world.pipeline.restores).toEqual([]);
    const target = new MemoryTarget();
    const wish = { patterns: [], from: 'any', target, overwrite: false } as const;
    await restoreSnapshot(world.services, plan, wish);
    expect(textsOf(target)).toEqual({ a: 'one' });
  });

  test('patterns stay out of the audit chain', async () => {
    await request({ target: TARGET, patterns: ['秘密/**'] });
    expect(JSON.stringify(await lastAudit())).not.toContain('秘密');
    expect(await lastAudit()).toMatchObject({ details: { patterns: 1 } });
  });

  test.each(['ERASE_PENDING', 'ERASED'] as const)(
    'a vault that is %s is refused',
    async (state) => {
      await setState(state);
      await expect(request()).rejects.toMatchObject({ code: 'VAULT_UNREADABLE', data: { state } });
    },
  );

  test.each(['primary', 'secondary'] as const)('the %s copy as target is refused', async (copy) => {
    const bucket = world.services.installation.buckets[copy];
    const asking = request({ target: { ...TARGET, bucket } });
    await expect(asking).rejects.toMatchObject({ code: 'TARGET_IS_COPY' });
  });

  test('unknown vault, unknown snapshot, no snapshot, malformed id', async () => {
    const id = world.ids.next();
    const empty = await registeredVault(world, { reference: 'B-2' });
    const cases = [
      [request(undefined, id), 'VAULT_UNKNOWN'],
      [request(undefined, 'nonsense'), 'ID_INVALID'],
      [request({ snapshotId: id, target: TARGET }), 'SNAPSHOT_UNKNOWN'],
      [request(undefined, empty.vaultId), 'NO_SNAPSHOT'],
    ] as const;
    for (const [asking, code] of cases) {
      await expect(asking).rejects.toMatchObject({ code });
    }
  });

  test('one that could not be started is recorded as failed', async () => {
    world.pipeline.startRestore = () => Promise.reject(new Error('throttled'));
    await expect(request()).rejects.toThrow('throttled');
    expect(await lastAudit()).toMatchObject({
      action: 'restore.failed',
      details: { failure: 'PIPELINE_UNAVAILABLE' },
    });
  });
});

describe('carrying out a restore to a prefix', () => {
  test('writes the records and how it ended', async () => {
    const { restore } = await request();
    const ended = await runRestore(world.services, restore);
    expect(ended).toMatchObject({ state: 'SUCCEEDED', records: 1, bytes: 3, failure: null });
    expect(textsOf(world.targetAt(LOCATION))).toEqual({ a: 'one' });
    expect(await lastAudit()).toMatchObject({ action: 'restore.succeeded' });
    expect(world.telemetry.total(METRICS.restoreSucceeded)).toBe(1);
  });

  test('reads nothing of a vault that was erased since it was asked for', async () => {
    const { restore } = await request();
    world.copies.secondary.overwrite(tombstoneKey(restore.vaultId), Buffer.from('{}'));
    const ended = await runRestore(world.services, restore);
    expect(ended).toMatchObject({ state: 'FAILED', failure: 'VAULT_UNREADABLE' });
    expect(textsOf(world.targetAt(LOCATION))).toEqual({});
  });

  test('delivered twice, it is done once', async () => {
    const { restore } = await request();
    const ended = await runRestore(world.services, restore);
    expect(await runRestore(world.services, restore)).toEqual(ended);
    expect(world.telemetry.total(METRICS.restoreSucceeded)).toBe(1);
  });

  test('a fault is its outcome', async () => {
    await runRestore(world.services, (await request()).restore);
    const { restore } = await request();
    const ended = await runRestore(world.services, restore);
    expect(ended).toMatchObject({ state: 'FAILED', failure: 'TARGET_EXISTS', records: 0 });
    expect(world.telemetry.total(METRICS.restoreFailed)).toBe(1);
  });

  test('what is unexpected is recorded and thrown', async () => {
    const { restore } = await request();
    const services = {
      ...world.services,
      openS3Target: () => {
        throw new TypeError('a mistake');
      },
    };
    await expect(runRestore(services, restore)).rejects.toThrow('a mistake');
    const stored = await world.ledger.get('restore', vault.vaultId, restore.restoreId);
    expect(stored?.record).toMatchObject({ state: 'FAILED', failure: 'UNEXPECTED' });
  });

  test('an unknown restore is refused', async () => {
    const address = { vaultId: vault.vaultId, restoreId: world.ids.next() };
    await expect(runRestore(world.services, address)).rejects.toMatchObject({
      code: 'RESTORE_UNKNOWN',
    });
  });
});
