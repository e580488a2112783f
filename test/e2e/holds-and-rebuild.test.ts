import { GetObjectCommand, GetObjectLegalHoldCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COPY_NAMES, type CopyName } from '../../shared/domain/copy-name.ts';
import { sealKey } from '../../shared/format/object-keys.ts';
import {
  COPY_BUCKETS,
  type DeployedInstallation,
  deployInstallation,
  PRIMARY_REGION,
  RESTORE_BUCKET,
  SECONDARY_REGION,
} from '../support/deployed-installation.ts';
import { wipeLedger } from '../support/wipe-ledger.ts';

const REGIONS = { primary: PRIMARY_REGION, secondary: SECONDARY_REGION };
const POLL_MS = 25;

let holdfast: DeployedInstallation;

beforeAll(async () => {
  holdfast = await deployInstallation();
}, 120_000);

afterAll(() => holdfast.close());

/** What S3 itself says of a seal's legal hold. */
async function legalHold(copy: CopyName, vaultId: string, snapshotId: string): Promise<string> {
  const at = { Bucket: COPY_BUCKETS[copy], Key: sealKey(vaultId, snapshotId) };
  try {
    const { LegalHold } = await holdfast.s3(REGIONS[copy]).send(new GetObjectLegalHoldCommand(at));
    return LegalHold?.Status ?? 'OFF';
  } catch (error) {
    if ((error as Error).name === 'NoSuchObjectLockConfiguration') {
      return 'OFF';
    }
    throw error;
  }
}

async function untilHeld(vaultId: string, snapshotId: string, status: string): Promise<void> {
  for (const copy of COPY_NAMES) {
    while ((await legalHold(copy, vaultId, snapshotId)) !== status) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

test("a hold puts S3's legal hold on both copies, and two people lift it", async () => {
  const vaultId = await holdfast.addVault('held');
  await holdfast.putRecord('held/a.txt', 'kept');
  const { snapshotId } = await holdfast.snapshot(vaultId);
  expect(await legalHold('primary', vaultId, snapshotId)).toBe('OFF');
  const { holdId } = await holdfast.operator('placeHold', {
    params: { vaultId },
    body: { reason: 'lawsuit', reference: '2026-17' },
  });
  await untilHeld(vaultId, snapshotId, 'ON');
  const params = { vaultId, holdId };
  await holdfast.operator('requestRelease', { params, body: { reason: 'closed' } });
  const own = holdfast.operator('approveRelease', { params, body: {} });
  await expect(own).rejects.toMatchObject({ exitCode: 5 });
  await holdfast.supervisor('approveRelease', { params, body: {} });
  await untilHeld(vaultId, snapshotId, 'OFF');
}, 60_000);

test('a wiped ledger is rebuilt from the secondary alone and restores byte for byte', async () => {
  const vaultId = await holdfast.addVault('lost');
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 31) % 251));
  await holdfast.putRecord('lost/发票/2026.bin', bytes);
  await holdfast.snapshot(vaultId);
  await wipeLedger(holdfast.aws.endpoint);
  await expect(holdfast.operator('showVault', { params: { vaultId } })).rejects.toMatchObject({
    code: 'VAULT_UNKNOWN',
  });
  const body = { from: 'secondary' as const };
  const { vaults, isDone } = await holdfast.operator('rebuildLedger', { params: {}, body });
  expect(isDone).toBe(true);
  expect(vaults.find((vault) => vault.vaultId === vaultId)).toMatchObject({
    outcome: 'rebuilt',
    snapshots: 1,
    unreadable: [],
  });
  expect(await holdfast.restore(vaultId, 'back/', 'secondary')).toBe('SUCCEEDED');
  const restored = await holdfast
    .s3()
    .send(new GetObjectCommand({ Bucket: RESTORE_BUCKET, Key: 'back/发票/2026.bin' }));
  const restoredBytes = Buffer.from((await restored.Body?.transformToByteArray()) ?? []);
  expect(restoredBytes.equals(bytes)).toBe(true);
}, 60_000);
