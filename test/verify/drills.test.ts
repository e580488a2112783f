import { beforeEach, describe, expect, test } from 'vitest';
import { METRICS } from '../../shared/config/metric-names.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { requestVerification } from '../../shared/verify/request-verification.ts';
import { startDrills } from '../../shared/verify/start-drills.ts';
import { verifySnapshot } from '../../shared/verify/verify-snapshot.ts';
import { backUp, packsOf, sourceOf } from '../support/backed-up-vault.ts';
import {
  FIVE_WEEKS,
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const policyId = 'drilled';

let world: MemoryServices;

beforeEach(async () => {
  world = livingInstallation();
  world.pipeline.wire({
    verification: async (vaultId, verificationId) => {
      await verifySnapshot(world.services, { vaultId, verificationId }, () => true);
    },
  });
  await addPolicy(world.services, OPERATOR, { ...FIVE_WEEKS, id: policyId, drillEveryDays: 30 });
});

async function backedUp(reference: string): Promise<Vault> {
  const vault = await registeredVault(world, { policyId, reference });
  sourceOf(world, vault).put('a.txt', `records of ${reference}`);
  await backUp(world, vault);
  return vault;
}

async function damagePrimary(vault: Vault): Promise<void> {
  for (const pack of await packsOf(world, vault)) {
    const version = pack?.versions.primary ?? '';
    world.copies.primary.damage(pack?.key ?? '', version, Buffer.from('other bytes'));
  }
}

const drillOf = async (vault: Vault) => (await vaultNow(world, vault.vaultId)).drill;

describe('drills', () => {
  test('read the newest snapshot whole from both copies, as often as the policy says', async () => {
    const vault = await backedUp('A-1');
    expect(await startDrills(world.services)).toEqual({ vaults: 1, started: 0, overdueDays: 0 });
    await world.clock.moveDays(30);
    const newest = await backUp(world, vault);
    expect(await startDrills(world.services)).toMatchObject({ started: 1 });
    const drill = await drillOf(vault);
    expect(drill).toMatchObject({ state: 'SUCCEEDED', passedAt: world.clock.now().toISOString() });
    const verification = await world.ledger.get(
      'verification',
      vault.vaultId,
      drill?.verificationId ?? '',
    );
    expect(verification?.record).toMatchObject({
      snapshotId: newest.snapshotId,
      depth: 'deep',
      requestedBy: 'holdfast:start-drills',
      copies: { primary: { records: 1 }, secondary: { records: 1 } },
    });
    expect(await startDrills(world.services)).toMatchObject({ started: 0, overdueDays: 0 });
    await world.clock.moveDays(30);
    expect(await startDrills(world.services)).toMatchObject({ started: 1 });
  });

  test('that fail ring at once, are told in the audit chain, and tried a day later', async () => {
    const vault = await backedUp('A-1');
    await damagePrimary(vault);
    await world.clock.moveDays(32);
    await startDrills(world.services);
    expect(await drillOf(vault)).toMatchObject({ state: 'FAILED', passedAt: null });
    expect(world.telemetry.total(METRICS.drillFailed)).toBe(1);
    const last = world.ledger.records().findLast((record) => record.kind === 'audit');
    expect(last).toMatchObject({ action: 'verification.failed', result: 'failed' });
    expect(await startDrills(world.services)).toMatchObject({ started: 0, overdueDays: 2 });
    await world.clock.moveDays(1);
    expect(await startDrills(world.services)).toMatchObject({ started: 1, overdueDays: 3 });
    expect(world.telemetry.measures.at(-1)).toEqual({ metric: 'DrillOverdueDays', value: 3 });
  });

  test('of other vaults go on when one cannot be started', async () => {
    const [first, second] = [await backedUp('A-1'), await backedUp('A-2')];
    await world.clock.moveDays(31);
    const { pipeline } = world.services;
    const fault = new HoldfastError('PIPELINE_UNAVAILABLE', { step: 'start a verification' });
    const halting = Object.create(pipeline, {
      startVerification: {
        value: (vaultId: string, verificationId: string) =>
          vaultId === first.vaultId
            ? Promise.reject(fault)
            : pipeline.startVerification(vaultId, verificationId),
      },
    });
    const services = { ...world.services, pipeline: halting };
    expect(await startDrills(services)).toMatchObject({ vaults: 2, started: 1 });
    expect(await drillOf(first)).toMatchObject({ state: 'FAILED' });
    expect(await drillOf(second)).toMatchObject({ state: 'SUCCEEDED' });
  });

  test('are not counted when a person asks for a verification', async () => {
    const vault = await backedUp('A-1');
    const { vaultId, lastSnapshotId } = await vaultNow(world, vault.vaultId);
    const address = { vaultId, snapshotId: lastSnapshotId ?? '' };
    await requestVerification(world.services, OPERATOR, address, { depth: 'deep' });
    expect(await drillOf(vault)).toBeNull();
  });
});
