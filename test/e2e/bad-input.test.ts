import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  COPY_BUCKETS,
  type DeployedInstallation,
  deployInstallation,
  PRIMARY_REGION,
  RESTORE_BUCKET,
  SOURCE_BUCKET,
} from '../support/deployed-installation.ts';

let holdfast: DeployedInstallation;
let vaultId: string;

const UNKNOWN = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const SOURCE = { bucket: SOURCE_BUCKET, prefix: 'B-1/' };

beforeAll(async () => {
  holdfast = await deployInstallation();
  vaultId = await holdfast.addVault('B-1');
  await holdfast.putRecord('B-1/a.txt', 'a record');
  await holdfast.snapshot(vaultId);
}, 120_000);

afterEach(() => holdfast.aws.faults.clear());

afterAll(() => holdfast.close());

/** Registers a vault of a new client with this body. */
async function vaultOf(reference: string, body: object): Promise<unknown> {
  const client = { name: 'Somebody', reference };
  const { clientId } = await holdfast.operator('addClient', { params: {}, body: client });
  const source = { kind: 's3' as const, ...SOURCE };
  const good = { recordClass: 'books', policyId: 'consent-only', source };
  return holdfast.operator('addVault', { params: { clientId }, body: { ...good, ...body } });
}

describe('the API refuses, and says why', () => {
  test.each([
    ['an id that is none', 'showVault', { params: { vaultId: 'nonsense' } }, 'ID_INVALID'],
    ['an unknown vault', 'showVault', { params: { vaultId: UNKNOWN } }, 'VAULT_UNKNOWN'],
    ['an unknown client', 'listVaults', { params: { clientId: UNKNOWN } }, 'CLIENT_UNKNOWN'],
    [
      'a name that is empty',
      'addClient',
      { params: {}, body: { name: ' ', reference: 'x' } },
      'INPUT_INVALID',
    ],
    [
      'a field it does not know',
      'addClient',
      { params: {}, body: { name: 'a', ref: 'x' } },
      'INPUT_INVALID',
    ],
  ] as const)('%s', async (_what, route, input, code) => {
    await expect(holdfast.operator(route, input as never)).rejects.toMatchObject({ code });
  });

  test('an unknown snapshot', async () => {
    const params = { vaultId, snapshotId: UNKNOWN };
    await expect(holdfast.operator('showSnapshot', { params })).rejects.toMatchObject({
      code: 'SNAPSHOT_UNKNOWN',
    });
  });

  test('a reference that is taken', async () => {
    const body = { name: 'Else', reference: 'B-1' };
    await expect(holdfast.operator('addClient', { params: {}, body })).rejects.toMatchObject({
      code: 'CLIENT_EXISTS',
    });
  });

  test('an unknown policy', async () => {
    await expect(vaultOf('B-2', { policyId: 'none-such' })).rejects.toMatchObject({
      code: 'POLICY_UNKNOWN',
    });
  });

  test('a source or a target that is one of the copies', async () => {
    const source = { kind: 's3' as const, bucket: COPY_BUCKETS.secondary, prefix: '' };
    await expect(vaultOf('B-3', { source })).rejects.toMatchObject({ code: 'SOURCE_IS_COPY' });
    const target = { kind: 's3' as const, bucket: COPY_BUCKETS.primary, prefix: 'x/' };
    const request = { params: { vaultId }, body: { target } };
    await expect(holdfast.operator('requestRestore', request)).rejects.toMatchObject({
      code: 'TARGET_IS_COPY',
    });
  });

  test('a pattern that no record matches', async () => {
    const target = { kind: 's3' as const, bucket: RESTORE_BUCKET, prefix: 'none/' };
    const body = { target, patterns: ['no/such/*'] };
    const { restore } = await holdfast.operator('requestRestore', { params: { vaultId }, body });
    await holdfast.aws.settled();
    const params = { vaultId, restoreId: restore.restoreId };
    expect(await holdfast.operator('showRestore', { params })).toMatchObject({
      state: 'FAILED',
      failure: 'NOTHING_MATCHES',
    });
  });
});

describe('a source that cannot be read', () => {
  test('a missing bucket fails the run with its reason', async () => {
    const source = { kind: 's3' as const, bucket: 'no-such-bucket', prefix: '' };
    const vault = (await vaultOf('B-4', { source })) as { vaultId: string };
    expect(await holdfast.runBackup(vault.vaultId)).toMatchObject({
      state: 'FAILED',
      failure: 'SOURCE_MISSING',
    });
  });

  test('a denied bucket fails the run with its reason', async () => {
    const error = { code: 'AccessDenied', status: 403 };
    const match = SOURCE_BUCKET;
    holdfast.aws.faults.plan({ service: 's3', operation: 'ListObjectsV2', match, error });
    expect(await holdfast.runBackup(vaultId)).toMatchObject({
      state: 'FAILED',
      failure: 'SOURCE_DENIED',
    });
  });
});

describe('AWS calls that are throttled, slow or lose their answer', () => {
  const SLOW_DOWN = { code: 'SlowDown', status: 503 };

  test.each([
    ['S3 throttles the source', { service: 's3', operation: 'GetObject', error: SLOW_DOWN }],
    ['S3 throttles a copy', { service: 's3', operation: 'PutObject', error: SLOW_DOWN, times: 2 }],
    ['a copy loses its answer', { service: 's3', operation: 'PutObject', dropAnswer: true }],
    ['KMS loses its answer', { service: 'kms', operation: 'GenerateDataKey', dropAnswer: true }],
    [
      'the ledger loses the answer to a commit',
      { service: 'dynamodb', operation: 'TransactWriteItems', dropAnswer: true },
    ],
    ['a copy is slow', { service: 's3', operation: 'PutObject', delayMs: 300 }],
  ] as const)('%s: the snapshot is whole all the same', async (what, fault) => {
    await holdfast.putRecord('B-1/changing.txt', what);
    holdfast.aws.faults.plan(fault);
    const snapshot = await holdfast.snapshot(vaultId);
    expect(holdfast.aws.faults.list().map(({ remaining }) => remaining)).toEqual([0]);
    const { snapshotId } = snapshot;
    const shown = await holdfast.operator('showSnapshot', { params: { vaultId, snapshotId } });
    expect(shown.protection.state).toBe('protected');
    expect(shown.counts).toMatchObject({ records: 2, readRecords: 1 });
  });

  test('with a copy that stays down the run commits single-copy and is repaired', async () => {
    await holdfast.putRecord('B-1/changing.txt', 'while the secondary is down');
    const match = COPY_BUCKETS.secondary;
    holdfast.aws.faults.plan({
      service: 's3',
      operation: '*',
      match,
      error: { code: 'ServiceUnavailable', status: 503 },
      times: 999,
    });
    const { snapshotId, ...snapshot } = await holdfast.snapshot(vaultId);
    expect(snapshot).toMatchObject({ protectionState: 'single-copy', counts: { readRecords: 1 } });
    holdfast.aws.faults.clear();
    await holdfast.aws.schedules.run('holdfast-local-repair-copies');
    await holdfast.aws.settled();
    const shown = await holdfast.operator('showSnapshot', { params: { vaultId, snapshotId } });
    expect(shown).toMatchObject({
      protectionState: 'protected',
      protection: { state: 'protected' },
    });
  });
});

/** Waits until the planned fault has struck. */
async function faultStruck(): Promise<void> {
  while (holdfast.aws.faults.list()[0]?.fired !== 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a run that is disturbed', () => {
  const RUN_BACKUP = 'holdfast-local-run-backup';

  test('two backups of one vault at once: one runs, the other is told', async () => {
    await holdfast.putRecord('B-1/changing.txt', 'two at once');
    const slow = {
      service: 's3',
      operation: 'PutObject',
      match: COPY_BUCKETS.primary,
      delayMs: 3000,
    };
    holdfast.aws.faults.plan(slow);
    const first = holdfast.runBackup(vaultId);
    await faultStruck();
    await expect(holdfast.runBackup(vaultId)).rejects.toMatchObject({ code: 'BACKUP_RUNNING' });
    expect((await first).state).toBe('SUCCEEDED');
  });

  test('a function that is killed in the middle is started again and completes', async () => {
    await holdfast.putRecord('B-1/changing.txt', 'killed');
    holdfast.aws.faults.plan({
      service: 's3',
      region: PRIMARY_REGION,
      operation: 'PutObject',
      match: COPY_BUCKETS.primary,
      delayMs: 3000,
    });
    const running = holdfast.runBackup(vaultId);
    await faultStruck();
    expect(await holdfast.aws.functions.kill(RUN_BACKUP)).toBeGreaterThan(0);
    expect((await running).state).toBe('SUCCEEDED');
    expect(await holdfast.restore(vaultId, 'after-kill/')).toBe('SUCCEEDED');
  });

  test('a schedule that is delivered twice starts one run', async () => {
    const due = await holdfast.addVault('B-9');
    await holdfast.putRecord('B-9/a', 'one');
    const schedule = 'holdfast-local-schedule-backups';
    await Promise.all([1, 2].map(() => holdfast.aws.schedules.run(schedule)));
    await holdfast.aws.settled();
    const { snapshots } = await holdfast.operator('listSnapshots', { params: { vaultId: due } });
    expect(snapshots).toHaveLength(1);
  });
});
