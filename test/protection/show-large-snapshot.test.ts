import { beforeEach, describe, expect, test } from 'vitest';
import { createHandler } from '../../functions/admin-query.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import type { Copy } from '../../shared/ports/copy.ts';
import { checkProtection } from '../../shared/protection/check-protection.ts';
import { httpRequest, opened } from '../functions/http-fixture.ts';
import { sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const RECORDS = 60;
/** What Lambda gives a request, and what one question takes of it. */
const TIMEOUT_MS = 29_000;
const QUESTION_MS = 300;

let world: MemoryServices;
let vault: Vault;
let snapshot: Snapshot;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
  for (let record = 0; record < RECORDS; record += 1) {
    sourceOf(world, vault).put(`record-${record}`, Buffer.alloc(100, record));
  }
  const { vaultId } = vault;
  const { runId } = await requestBackup(world.services, OPERATOR, vaultId);
  snapshot = await runBackup(world.services, { vaultId, runId }, { packBytes: 100 });
});

/** @returns what the admin API answers about the snapshot while S3 takes its time. */
async function shown() {
  let remaining = TIMEOUT_MS;
  const slow = (copy: Copy): Copy =>
    Object.assign(Object.create(copy), {
      read: copy.read.bind(copy),
      list: copy.list.bind(copy),
      inspect: async (key: string, version: string) => {
        remaining -= QUESTION_MS;
        return copy.inspect(key, version);
      },
    });
  const { primary, secondary } = world.services.copies;
  const copies = { primary: slow(primary), secondary: slow(secondary) };
  const params = { vaultId: vault.vaultId, snapshotId: snapshot.snapshotId };
  const context = { getRemainingTimeInMillis: () => remaining };
  const query = createHandler({ ...world.services, copies });
  const answer = opened(await query(httpRequest('showSnapshot', { params }), context));
  return { ...answer, remaining };
}

describe('a snapshot of more objects than there is time to ask for', () => {
  test('is answered in time, with what was asked and what was not', async () => {
    const { status, body, remaining } = await shown();
    expect(status).toBe(200);
    expect(remaining).toBeGreaterThan(0);
    const { state, objects, copies, checked } = body.protection;
    expect(state).toBe('unknown');
    expect(objects).toBeGreaterThan(RECORDS);
    for (const { present, missing, unasked, answered } of Object.values<typeof copies>(copies)) {
      expect(answered).toBe(true);
      expect(missing).toBe(0);
      expect(present).toBeGreaterThan(0);
      expect(unasked).toBeGreaterThan(0);
      expect(present + unasked).toBe(objects);
    }
    expect(checked).toBeNull();
  });

  test('is answered with what the hourly check was told', async () => {
    await checkProtection(world.services);
    const { body } = await shown();
    expect(body.protection).toMatchObject({
      state: 'unknown',
      checked: { state: 'protected', askedAt: world.clock.now().toISOString() },
    });
  });

  test('is damaged when what was asked shows it', async () => {
    await world.clock.moveTo(new Date(Date.parse(snapshot.lockedUntil) + 1));
    const { body } = await shown();
    expect(body.protection.state).toBe('damaged');
  });
});
