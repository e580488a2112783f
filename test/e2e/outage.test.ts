import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import {
  COPY_BUCKETS,
  type DeployedInstallation,
  deployInstallation,
  RESTORE_BUCKET,
  SOURCE_BUCKET,
} from '../support/deployed-installation.ts';

const REPAIR = 'holdfast-local-repair-copies';
const DOWN = { error: { code: 'ServiceUnavailable', status: 503 }, times: 9_999 };

let holdfast: DeployedInstallation;

beforeAll(async () => {
  holdfast = await deployInstallation();
}, 120_000);

afterEach(() => holdfast.aws.faults.clear());

afterAll(() => holdfast.close());

function takeDown(copy: CopyName, operation = '*'): void {
  const match = COPY_BUCKETS[copy];
  holdfast.aws.faults.plan({ service: 's3', operation, match, ...DOWN });
}

async function stateOf(vaultId: string, snapshotId: string) {
  const shown = await holdfast.operator('showSnapshot', { params: { vaultId, snapshotId } });
  return { ledger: shown.protectionState, s3: shown.protection.state };
}

/** What lies under a prefix of the restore bucket, by path. */
async function restored(prefix: string): Promise<Record<string, string | undefined>> {
  const s3 = holdfast.s3();
  const listing = new ListObjectsV2Command({ Bucket: RESTORE_BUCKET, Prefix: prefix });
  const { Contents = [] } = await s3.send(listing);
  const entries = Contents.map(async ({ Key = '' }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: RESTORE_BUCKET, Key }));
    return [Key.slice(prefix.length), await Body?.transformToString()] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe.each([
  ['primary', 'secondary'],
  ['secondary', 'primary'],
] as const)('while the %s copy does not answer', (down, up) => {
  const reference = `O-${down}`;
  const records = { 'a.txt': 'a record', '子/b.txt': 'another' };
  let vaultId: string;
  let snapshotId: string;

  test('a backup commits to the other one, and restores from it', async () => {
    vaultId = await holdfast.addVault(reference);
    for (const [path, text] of Object.entries(records)) {
      await holdfast.putRecord(`${reference}/${path}`, text);
    }
    takeDown(down);
    const snapshot = await holdfast.snapshot(vaultId);
    ({ snapshotId } = snapshot);
    expect(snapshot).toMatchObject({ protectionState: 'single-copy', counts: { records: 2 } });
    expect(await holdfast.restore(vaultId, `${down}/during/`)).toBe('SUCCEEDED');
    expect(await restored(`${down}/during/`)).toEqual(records);
    await holdfast.aws.schedules.run(REPAIR);
    await holdfast.aws.settled();
    expect((await stateOf(vaultId, snapshotId)).ledger).toBe('single-copy');
  }, 120_000);

  test('and once it answers again, it is repaired and restores from either', async () => {
    expect((await stateOf(vaultId, snapshotId)).s3).toBe('single-copy');
    await holdfast.aws.schedules.run(REPAIR);
    await holdfast.aws.settled();
    expect(await stateOf(vaultId, snapshotId)).toEqual({ ledger: 'protected', s3: 'protected' });
    takeDown(up);
    expect(await holdfast.restore(vaultId, `${down}/repaired/`, down)).toBe('SUCCEEDED');
    expect(await restored(`${down}/repaired/`)).toEqual(records);
  }, 120_000);
});

describe('a record that may not be read', () => {
  test('leaves the snapshot incomplete, and the run goes on without it', async () => {
    const vaultId = await holdfast.addVault('O-denied');
    await holdfast.putRecord('O-denied/open.txt', 'open');
    await holdfast.putRecord('O-denied/closed.txt', 'closed');
    holdfast.aws.faults.plan({
      service: 's3',
      operation: 'GetObject',
      match: `${SOURCE_BUCKET}/O-denied/closed`,
      error: { code: 'AccessDenied', status: 403 },
    });
    const snapshot = await holdfast.snapshot(vaultId);
    expect(snapshot).toMatchObject({
      incomplete: true,
      counts: { records: 1, skipped: 1, skippedBy: { denied: 1 } },
    });
    expect((await holdfast.snapshot(vaultId)).counts).toMatchObject({ records: 2, skipped: 0 });
  });
});
