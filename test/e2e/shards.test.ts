import {
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultPlan } from '../../local/faults.ts';
import {
  COPY_BUCKETS,
  type DeployedInstallation,
  deployInstallation,
  PRIMARY_REGION,
  RESTORE_BUCKET,
  SECONDARY_REGION,
} from '../support/deployed-installation.ts';

const RUN_BACKUP = 'holdfast-local-run-backup';
const RECORDS = 20;

let holdfast: DeployedInstallation;

/** A vault is divided after 8 records, into shards of 2; 3 of them are worked on at once. */
beforeAll(async () => {
  holdfast = await deployInstallation({ shardRecords: 2, backupConcurrency: 3 });
}, 180_000);

afterEach(() => holdfast.aws.faults.clear());

afterAll(() => holdfast.close());

async function vaultOf(reference: string): Promise<{ vaultId: string; texts: Set<string> }> {
  const vaultId = await holdfast.addVault(reference);
  const texts = new Set<string>();
  for (let n = 0; n < RECORDS; n += 1) {
    const text = `record ${n} of ${reference}`;
    texts.add(text);
    await holdfast.putRecord(`${reference}/${String(n).padStart(2, '0')}/秘密.txt`, text);
  }
  return { vaultId, texts };
}

/** What lies under a prefix of the restore bucket. */
async function restored(prefix: string): Promise<Set<string | undefined>> {
  const s3 = holdfast.s3();
  const listing = new ListObjectsV2Command({ Bucket: RESTORE_BUCKET, Prefix: prefix });
  const { Contents = [] } = await s3.send(listing);
  const texts = Contents.map(async ({ Key = '' }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: RESTORE_BUCKET, Key }));
    return Body?.transformToString();
  });
  return new Set(await Promise.all(texts));
}

/** Names of a vault's packs in one copy; a name twice is a pack written twice. */
async function packsIn(copy: 'primary' | 'secondary', vaultId: string): Promise<string[]> {
  const region = copy === 'primary' ? PRIMARY_REGION : SECONDARY_REGION;
  const Prefix = `vaults/${vaultId}/packs/`;
  const listing = new ListObjectVersionsCommand({ Bucket: COPY_BUCKETS[copy], Prefix });
  const { Versions = [] } = await holdfast.s3(region).send(listing);
  return Versions.map(({ Key = '' }) => Key);
}

/** Plans a fault, and waits until it has struck. */
async function struck(fault: FaultPlan): Promise<void> {
  const { id } = holdfast.aws.faults.plan(fault);
  const isLeft = () => holdfast.aws.faults.list().some((one) => one.id === id && one.remaining > 0);
  while (isLeft()) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a vault is backed up in several shards at once, also when they are killed', async () => {
  const { vaultId, texts } = await vaultOf('D-1');
  // A shard reads this record; it is killed while it waits for the answer.
  const slow = { service: 's3', operation: 'GetObject', match: 'D-1/15/', delayMs: 3_000 };
  const reached = struck(slow);
  const running = holdfast.snapshot(vaultId);
  await reached;
  expect(await holdfast.aws.functions.kill(RUN_BACKUP)).toBeGreaterThan(0);
  const snapshot = await running;
  expect(snapshot.counts).toMatchObject({ records: RECORDS, readRecords: RECORDS, skipped: 0 });
  // The first 8 records, and six shards of 2.
  expect(snapshot.counts.packs).toBe(7);
  for (const copy of ['primary', 'secondary'] as const) {
    const packs = await packsIn(copy, vaultId);
    expect(packs).toHaveLength(7);
    expect(new Set(packs).size).toBe(7);
    expect(await holdfast.restore(vaultId, `out/D-1/${copy}/`, copy)).toBe('SUCCEEDED');
    expect(await restored(`out/D-1/${copy}/`)).toEqual(texts);
  }
  const log = holdfast.aws.logs.read(RUN_BACKUP) ?? '';
  expect(log).toContain('backup.planned');
  expect(log).not.toMatch(/秘密/);
}, 60_000);

test('the next backup carries all of it forward, in shards as well', async () => {
  const { vaultId, texts } = await vaultOf('D-2');
  const first = await holdfast.snapshot(vaultId);
  await holdfast.putRecord('D-2/03/秘密.txt', 'changed');
  await holdfast.putRecord('D-2/99/秘密.txt', 'new');
  const second = await holdfast.snapshot(vaultId);
  expect(second.counts).toMatchObject({ records: RECORDS + 1, readRecords: 2 });
  expect(second.counts.packs).toBe(first.counts.packs + 2);
  expect(await holdfast.restore(vaultId, 'out/D-2/')).toBe('SUCCEEDED');
  texts.delete('record 3 of D-2');
  expect(await restored('out/D-2/')).toEqual(texts.add('changed').add('new'));
}, 60_000);

test('a shard that cannot be done ends the run, under the name of what kept it', async () => {
  const { vaultId } = await vaultOf('D-3');
  const error = { code: 'DisabledException', status: 400 };
  holdfast.aws.faults.plan({ operation: 'Decrypt', match: 'range/4', error, times: 99 });
  const run = await holdfast.runBackup(vaultId);
  expect(run).toMatchObject({ state: 'FAILED', failure: 'KEYS_UNUSABLE' });
  holdfast.aws.faults.clear();
  expect((await holdfast.snapshot(vaultId)).counts.records).toBe(RECORDS);
}, 60_000);
