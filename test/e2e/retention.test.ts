import { ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LastSweepAnswer } from '../../shared/admin-api/sweep-answer.ts';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import {
  COPY_BUCKETS,
  type DeployedInstallation,
  deployInstallation,
} from '../support/deployed-installation.ts';

const RENEW = 'holdfast-local-renew-locks';
const SWEEP = 'holdfast-local-sweep-copies';
const POLL_MS = 25;
const DAY_MS = 86_400_000;

let holdfast: DeployedInstallation;

beforeAll(async () => {
  holdfast = await deployInstallation();
}, 120_000);

afterAll(() => holdfast.close());

async function moveDays(days: number): Promise<void> {
  const { clock } = holdfast.aws;
  await clock.moveTo(new Date(clock.now().getTime() + days * DAY_MS));
}

async function runSchedule(name: string): Promise<void> {
  await holdfast.aws.schedules.run(name);
  await holdfast.aws.settled();
}

/** @returns how many versions and markers lie under a vault's prefix in one copy. */
async function versionsIn(copy: CopyName, vaultId: string): Promise<number> {
  const region = copy === 'primary' ? undefined : 'eu-west-1';
  const listing = new ListObjectVersionsCommand({
    Bucket: COPY_BUCKETS[copy],
    Prefix: `vaults/${vaultId}/`,
  });
  const { Versions = [], DeleteMarkers = [] } = await holdfast.s3(region).send(listing);
  return Versions.length + DeleteMarkers.length;
}

async function sweepByHand(vaultId: string): Promise<LastSweepAnswer> {
  const params = { vaultId };
  const { requestedAt } = await holdfast.operator('requestSweep', {
    params,
    body: { confirm: true },
  });
  for (;;) {
    const answer = await holdfast.operator('showLastSweep', { params });
    if (answer.last !== null && answer.last.at >= requestedAt) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

test('snapshots expire and go; what is kept stays locked and restores from both', async () => {
  const vaultId = await holdfast.addVault('R-1');
  await holdfast.putRecord('R-1/letter.txt', 'a letter');
  for (let day = 0; day < 3; day += 1) {
    await holdfast.putRecord('R-1/invoice.json', `the invoice of day ${day}`);
    await holdfast.snapshot(vaultId);
    await moveDays(1);
  }
  await moveDays(30);
  await runSchedule(RENEW);
  await moveDays(30);
  await holdfast.putRecord('R-1/invoice.json', 'the last invoice');
  const kept = await holdfast.snapshot(vaultId);
  const Bucket = COPY_BUCKETS.secondary;
  const stray = { Bucket, Key: `vaults/${vaultId}/stray.txt`, Body: 'put there by somebody' };
  await holdfast.s3('eu-west-1').send(new PutObjectCommand(stray));

  const before = await holdfast.operator('showSweep', { params: { vaultId } });
  expect(before.expires).toHaveLength(3);
  expect(before.removes).toMatchObject({ foreign: { versions: 1 } });
  expect(before.versions).toContainEqual(
    expect.objectContaining({
      key: stray.Key,
      copy: 'secondary',
      bytes: stray.Body.length,
      reason: 'foreign',
    }),
  );
  const after = await sweepByHand(vaultId);
  expect(after.last).toMatchObject({ expired: 3, stopped: null });
  expect(after.last?.removed.versions).toBeGreaterThan(5);

  await moveDays(14);
  await runSchedule(RENEW);
  await runSchedule(SWEEP);
  const { snapshots } = await holdfast.operator('listSnapshots', { params: { vaultId } });
  expect(snapshots.map(({ snapshotId }) => snapshotId)).toEqual([kept.snapshotId]);
  for (const copy of ['primary', 'secondary'] as const) {
    // The packs of the first and the last run, and the last manifest and seal.
    expect(await versionsIn(copy, vaultId)).toBe(4);
    expect(await holdfast.restore(vaultId, `back-${copy}/`, copy)).toBe('SUCCEEDED');
  }
  const shown = await holdfast.operator('showSnapshot', {
    params: { vaultId, snapshotId: kept.snapshotId },
  });
  expect(shown.protection).toMatchObject({
    state: 'protected',
    copies: { primary: { short: 0 }, secondary: { short: 0 } },
  });
  const { entries } = await holdfast.operator('showAudit', { params: { chainId: vaultId } });
  const actions = entries.map(({ action }) => action);
  expect(actions.filter((action) => action === 'snapshot.expired')).toHaveLength(3);
  expect(actions).toContain('sweep.requested');
}, 120_000);
