import { beforeEach, describe, expect, test } from 'vitest';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { abandonPush } from '../../shared/push/abandon-push.ts';
import { beginPush } from '../../shared/push/begin-push.ts';
import { commitPush } from '../../shared/push/commit-push.ts';
import { renewPush } from '../../shared/push/renew-push.ts';
import { restoredFrom } from '../support/backed-up-vault.ts';
import { OPERATOR, registeredVault, vaultNow } from '../support/living-installation.ts';
import { type MemoryServices, memoryServices } from '../support/memory-services.ts';
import { MemorySource } from '../support/memory-source.ts';
import { folderVault, push, sealOf, writeFrom } from '../support/pushed-vault.ts';

let world: MemoryServices;
let vault: Vault;
let source: MemorySource;

const NOTHING = { written: [], carried: [] };

beforeEach(async () => {
  world = memoryServices();
  vault = await folderVault(world);
  source = new MemorySource(world.clock, vault.vaultId);
  source.put('a/letter', 'a letter');
  source.put('invoice', 'an invoice');
});

const begin = () => beginPush(world.services, OPERATOR, vault.vaultId);
const minutesLater = (minutes: number) =>
  world.clock.moveTo(new Date(world.clock.now().getTime() + minutes * 60_000));
const failedRun = async (runId: string) =>
  (await world.ledger.get('run', vault.vaultId, runId))?.record;

describe('a push', () => {
  test('becomes a snapshot like any other', async () => {
    const snapshot = await push(world, vault, source);
    expect(snapshot).toMatchObject({ protectionState: 'protected' });
    expect(snapshot.counts).toMatchObject({ records: 2, readRecords: 2, packs: 1, skipped: 0 });
    const texts = { 'a/letter': 'a letter', invoice: 'an invoice' };
    expect(await restoredFrom(world, vault, snapshot, 'primary')).toEqual(texts);
    expect(await restoredFrom(world, vault, snapshot, 'secondary')).toEqual(texts);
  });

  test('reads only what changed since the last one, and keeps its packs locked', async () => {
    await push(world, vault, source);
    await world.clock.moveDays(100);
    source.put('invoice', 'another invoice');
    source.reads.length = 0;
    const second = await push(world, vault, source);
    expect(source.reads).toEqual(['invoice']);
    expect(second.counts).toMatchObject({ records: 2, readRecords: 1, packs: 2 });
    for await (const { record } of world.ledger.list('pack', { vaultId: vault.vaultId })) {
      const state = await world.copies.secondary.inspect(
        record.key,
        record.versions.secondary ?? '',
      );
      expect(state?.lockedUntil?.toISOString()).toBe(second.lockedUntil);
    }
  });

  test('is committed once, however often that is asked for', async () => {
    const plan = await begin();
    const body = sealOf(await writeFrom(world, plan, source));
    const first = await commitPush(world.services, OPERATOR, plan, body);
    expect(await commitPush(world.services, OPERATOR, plan, body)).toEqual(first);
    const { audit } = await vaultNow(world, vault.vaultId);
    expect(audit.count).toBe(3);
  });

  test('is nothing that the schedule waits for', async () => {
    expect(vault.nextBackupAt).toBeNull();
    await push(world, vault, source);
    expect(await vaultNow(world, vault.vaultId)).toMatchObject({
      nextBackupAt: null,
      activeRun: null,
    });
  });

  test('is a single copy when the other one is down, and says so', async () => {
    const plan = await begin();
    world.copies.secondary.available = false;
    const written = await writeFrom(world, plan, source);
    const snapshot = await commitPush(world.services, OPERATOR, plan, sealOf(written));
    expect(snapshot.protectionState).toBe('single-copy');
    expect(snapshot.seal.versions.secondary).toBeNull();
  });
});

describe('a vault', () => {
  test('takes one push at a time', async () => {
    const { runId } = await begin();
    await expect(begin()).rejects.toMatchObject({ code: 'BACKUP_RUNNING', data: { runId } });
  });

  test('is given to the next push when one was not heard of for 20 minutes', async () => {
    const first = await begin();
    await minutesLater(21);
    const second = await begin();
    expect(await failedRun(first.runId)).toMatchObject({ state: 'FAILED', failure: 'ABANDONED' });
    await expect(renewPush(world.services, first, NOTHING)).rejects.toMatchObject({
      code: 'TRANSITION_FORBIDDEN',
    });
    const written = await writeFrom(world, second, source);
    await commitPush(world.services, OPERATOR, second, sealOf(written));
  });

  test('stays with a push that is heard of', async () => {
    const plan = await begin();
    for (const _ of [1, 2, 3]) {
      await minutesLater(15);
      await renewPush(world.services, plan, NOTHING);
    }
    await expect(begin()).rejects.toMatchObject({ code: 'BACKUP_RUNNING' });
  });

  test('is free at once when a push is abandoned, and nothing of it can be seen', async () => {
    const plan = await begin();
    const written = await writeFrom(world, plan, source);
    const run = await abandonPush(world.services, OPERATOR, plan, 'INTERRUPTED');
    expect(run).toMatchObject({ state: 'FAILED', failure: 'INTERRUPTED' });
    await expect(commitPush(world.services, OPERATOR, plan, sealOf(written))).rejects.toMatchObject(
      { code: 'TRANSITION_FORBIDDEN' },
    );
    expect(await vaultNow(world, vault.vaultId)).toMatchObject({ lastSnapshotId: null });
    await push(world, vault, source);
  });

  test('keeps a snapshot that was committed when its push is abandoned too late', async () => {
    const plan = await begin();
    const written = await writeFrom(world, plan, source);
    const { snapshotId } = await commitPush(world.services, OPERATOR, plan, sealOf(written));
    const run = await abandonPush(world.services, OPERATOR, plan, 'INTERRUPTED');
    expect(run).toMatchObject({ state: 'SUCCEEDED', snapshotId });
  });

  test('of a folder takes no backup of the pipeline', async () => {
    await expect(requestBackup(world.services, OPERATOR, vault.vaultId)).rejects.toMatchObject({
      code: 'SOURCE_IS_FOLDER',
    });
    expect(await vaultNow(world, vault.vaultId)).toMatchObject({ activeRun: null });
  });

  test('of an S3 prefix takes no push', async () => {
    const other = await registeredVault(world);
    const { services } = world;
    await expect(beginPush(services, OPERATOR, other.vaultId)).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOLDER',
    });
    const { runId } = await requestBackup(services, OPERATOR, other.vaultId);
    const address = { vaultId: other.vaultId, runId };
    await expect(renewPush(services, address, NOTHING)).rejects.toMatchObject({
      code: 'PUSH_UNKNOWN',
    });
  });
});
