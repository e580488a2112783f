import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VerificationAnswer } from '../../shared/admin-api/answers.ts';
import { METRICS } from '../../shared/config/metric-names.ts';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import {
  COPY_BUCKETS,
  type DeployedInstallation,
  deployInstallation,
} from '../support/deployed-installation.ts';

const VERIFY_SHARE = 'holdfast-local-verify-share';
const POLL_MS = 25;
const DAY_MS = 86_400_000;

let holdfast: DeployedInstallation;

beforeAll(async () => {
  holdfast = await deployInstallation();
}, 120_000);

afterAll(() => holdfast.close());

/** Flips the last bit of an object in the store's own file, as a broken disk would. */
function damage(copy: CopyName, key: string): void {
  const database = new DatabaseSync(join(holdfast.dataDirectory, 's3.sqlite'), { readOnly: true });
  try {
    const row = database
      .prepare('SELECT detail FROM versions WHERE bucket = ? AND key = ?')
      .get(COPY_BUCKETS[copy], key) as { detail: string };
    const { segments } = JSON.parse(row.detail) as { segments: { id: string }[] };
    const { id = '' } = segments.at(-1) ?? {};
    const file = join(holdfast.dataDirectory, 's3/bodies', id.charAt(0), id);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(file, bytes);
  } finally {
    database.close();
  }
}

/** Takes the lock off an object in the store's own table, which no request can do. */
function unlock(copy: CopyName, key: string): void {
  const database = new DatabaseSync(join(holdfast.dataDirectory, 's3.sqlite'));
  try {
    database.exec('PRAGMA busy_timeout = 5000');
    database
      .prepare(
        'UPDATE versions SET lock_mode = NULL, lock_until = NULL WHERE bucket = ? AND key = ?',
      )
      .run(COPY_BUCKETS[copy], key);
  } finally {
    database.close();
  }
}

async function verify(
  vaultId: string,
  snapshotId: string,
  depth: 'quick' | 'deep',
): Promise<VerificationAnswer> {
  const params = { vaultId, snapshotId };
  const { verificationId } = await holdfast.operator('requestVerification', {
    params,
    body: { depth },
  });
  for (;;) {
    const answer = await holdfast.operator('showVerification', {
      params: { ...params, verificationId },
    });
    if (answer.state !== 'RUNNING') {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Values of one metric that the functions printed so far. */
async function measured(metric: string): Promise<number[]> {
  const response = await fetch(`${holdfast.aws.endpoint}/_local/metrics`);
  const { metrics } = (await response.json()) as { metrics: { name: string; value: number }[] };
  return metrics.filter(({ name }) => name === metric).map(({ value }) => value);
}

async function backedUp(reference: string): Promise<{ vaultId: string; snapshotId: string }> {
  const vaultId = await holdfast.addVault(reference);
  await holdfast.putRecord(`${reference}/发票.json`, 'an invoice');
  await holdfast.putRecord(`${reference}/letter.txt`, 'a letter');
  const { snapshotId } = await holdfast.snapshot(vaultId);
  return { vaultId, snapshotId };
}

async function keysOf(vaultId: string): Promise<string[]> {
  const Prefix = `vaults/${vaultId}/`;
  const listing = new ListObjectsV2Command({ Bucket: COPY_BUCKETS.primary, Prefix });
  const { Contents = [] } = await holdfast.s3().send(listing);
  return Contents.map(({ Key = '' }) => Key);
}

test('a snapshot that is whole is verified in both copies, quick and deep', async () => {
  const { vaultId, snapshotId } = await backedUp('V-1');
  const quick = await verify(vaultId, snapshotId, 'quick');
  expect(quick).toMatchObject({ state: 'SUCCEEDED', copies: { secondary: { objects: 3 } } });
  const deep = await verify(vaultId, snapshotId, 'deep');
  expect(deep).toMatchObject({
    state: 'SUCCEEDED',
    copies: { primary: { objects: 3, records: 2 }, secondary: { objects: 3, records: 2 } },
  });
});

test.each([
  ['pack', 'primary'],
  ['manifest', 'secondary'],
  ['seal', 'primary'],
] as const)(
  'a %s that is damaged in the %s copy is found by reading, and the other copy restores',
  async (kind, copy) => {
    const { vaultId, snapshotId } = await backedUp(`V-${kind}`);
    const key = (await keysOf(vaultId)).find((one) => one.includes(kind)) ?? '';
    damage(copy, key);
    const deep = await verify(vaultId, snapshotId, 'deep');
    expect(deep).toMatchObject({
      state: 'FAILED',
      failure: 'OBJECT_DAMAGED',
      findings: [{ copy, object: key, problem: 'altered' }],
    });
    const other = copy === 'primary' ? 'secondary' : 'primary';
    expect(deep.copies[other]).toMatchObject({ objects: 3, records: 2 });
    expect(await holdfast.restore(vaultId, `back-${kind}/`, other)).toBe('SUCCEEDED');
    expect(await holdfast.restore(vaultId, `any-${kind}/`)).toBe('SUCCEEDED');
  },
);

test('an object that lost its lock is found by asking S3, before anything is read', async () => {
  const { vaultId, snapshotId } = await backedUp('V-lock');
  const key = (await keysOf(vaultId)).find((one) => one.includes('/packs/')) ?? '';
  unlock('secondary', key);
  expect(await verify(vaultId, snapshotId, 'quick')).toMatchObject({
    failure: 'OBJECT_DAMAGED',
    findings: [{ copy: 'secondary', object: key, problem: 'not locked' }],
    copies: { primary: { objects: 3 }, secondary: { objects: 2 } },
  });
});

test('the daily share finds damage by itself, names it, and rings', async () => {
  const { vaultId } = await backedUp('V-share');
  const { aws } = holdfast;
  const key = (await keysOf(vaultId)).find((one) => one.includes('/packs/')) ?? '';
  await verifyShare();
  // Snapshots are kept 35 days; each new one extends the lock of the pack that it still needs.
  for (let month = 0; month < 3; month += 1) {
    await moveDays(32);
    await holdfast.snapshot(vaultId);
  }
  damage('secondary', key);
  const before = await measured(METRICS.copyDamaged);
  await verifyShare();

  const { verified } = await holdfast.operator('showVault', { params: { vaultId } });
  expect(verified?.copies).toMatchObject({ primary: { damaged: 0 }, secondary: { damaged: 1 } });
  expect((await measured(METRICS.copyDamaged)).length).toBeGreaterThan(before.length);
  expect((await measured(METRICS.unverifiedDays)).at(-1)).toBeGreaterThanOrEqual(96);
  const { entries } = await holdfast.operator('showAudit', { params: { chainId: vaultId } });
  const found = entries.filter(({ action }) => action === 'copy.damaged');
  expect(found.map(({ details }) => details)).toEqual([
    { copy: 'secondary', object: key, problem: 'altered' },
  ]);
  expect(await holdfast.restore(vaultId, 'back-share/', 'primary')).toBe('SUCCEEDED');

  async function verifyShare(): Promise<void> {
    await aws.schedules.run(VERIFY_SHARE);
    await aws.settled();
  }

  async function moveDays(days: number): Promise<void> {
    await aws.clock.moveTo(new Date(aws.clock.now().getTime() + days * DAY_MS));
  }
});
