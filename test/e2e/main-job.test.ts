import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type DeployedInstallation,
  deployInstallation,
  RESTORE_BUCKET,
} from '../support/deployed-installation.ts';

let holdfast: DeployedInstallation;

beforeAll(async () => {
  holdfast = await deployInstallation();
}, 120_000);

afterAll(() => holdfast.close());

/** What lies under a prefix of the restore bucket, by path. */
async function restored(prefix: string): Promise<Record<string, string>> {
  const s3 = holdfast.s3();
  const listing = new ListObjectsV2Command({ Bucket: RESTORE_BUCKET, Prefix: prefix });
  const { Contents = [] } = await s3.send(listing);
  const entries = Contents.map(async ({ Key = '' }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: RESTORE_BUCKET, Key }));
    return [Key.slice(prefix.length), await Body?.transformToString()];
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe('a vault from registration to restore', () => {
  test('comes back byte for byte from either copy', async () => {
    const vaultId = await holdfast.addVault('E-1');
    await holdfast.putRecord('E-1/2025/发票 0001.json', 'an invoice');
    await holdfast.putRecord('E-1/letter.txt', 'a letter');
    await holdfast.snapshot(vaultId);
    expect(await holdfast.restore(vaultId, 'p/', 'primary')).toBe('SUCCEEDED');
    expect(await holdfast.restore(vaultId, 's/', 'secondary')).toBe('SUCCEEDED');
    const expected = { '2025/发票 0001.json': 'an invoice', 'letter.txt': 'a letter' };
    expect(await restored('p/')).toEqual(expected);
    expect(await restored('s/')).toEqual(expected);
  });

  test('is backed up incrementally, and each snapshot keeps its own state', async () => {
    const vaultId = await holdfast.addVault('E-2');
    await holdfast.putRecord('E-2/a', 'first');
    await holdfast.putRecord('E-2/b', 'stays');
    const first = await holdfast.snapshot(vaultId);
    await holdfast.putRecord('E-2/a', 'second');
    const second = await holdfast.snapshot(vaultId);
    expect(first.counts).toMatchObject({ records: 2, readRecords: 2 });
    expect(second.counts).toMatchObject({ records: 2, readRecords: 1 });
    expect(await holdfast.restore(vaultId, 'now/')).toBe('SUCCEEDED');
    expect(await restored('now/')).toEqual({ a: 'second', b: 'stays' });
  });

  test('is not restored over files that exist already', async () => {
    const vaultId = await holdfast.addVault('E-3');
    await holdfast.putRecord('E-3/a', 'one');
    await holdfast.snapshot(vaultId);
    expect(await holdfast.restore(vaultId, 'twice/')).toBe('SUCCEEDED');
    expect(await holdfast.restore(vaultId, 'twice/')).toBe('TARGET_EXISTS');
  });

  test('an empty source gives an empty snapshot, not an error', async () => {
    const vaultId = await holdfast.addVault('E-4');
    expect((await holdfast.snapshot(vaultId)).counts).toMatchObject({ records: 0, packs: 0 });
  });
});

describe('schedules', () => {
  test('back up what is due when the clock passes a tick', async () => {
    const vaultId = await holdfast.addVault('E-5');
    await holdfast.putRecord('E-5/a', 'one');
    await holdfast.aws.schedules.run('holdfast-local-schedule-backups');
    await holdfast.aws.settled();
    const { snapshots } = await holdfast.operator('listSnapshots', { params: { vaultId } });
    expect(snapshots).toHaveLength(1);
  });
});
