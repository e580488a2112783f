import { beforeEach, describe, expect, test } from 'vitest';
import type { Hold } from '../../shared/domain/hold-records.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { applyHolds } from '../../shared/holds/apply-holds.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { checkProtection } from '../../shared/protection/check-protection.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { type SimulatedWorld, simulatedWorld } from '../simulation/simulated-world.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import { approved } from '../support/erasing.ts';
import { heldCounts, LAWSUIT, release } from '../support/holding-world.ts';
import { moveToHourOf } from '../support/hour-of-vault.ts';
import { OPERATOR, registeredVault, SUPERVISOR } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const ACTOR = 'holdfast:check-protection';

let world: MemoryServices;
let simulated: SimulatedWorld;
let vault: Vault;
let first: Snapshot;

beforeEach(async () => {
  simulated = simulatedWorld(new Date('2026-11-02T08:00:00Z'));
  const { memory, services, ledger } = simulated;
  world = { ...memory, services, ledger: ledger() };
  vault = await registeredVault(world, { policyId: 'consent-only' });
  sourceOf(world, vault).put('a.txt', 'first');
  first = await backUp(world, vault);
  sourceOf(world, vault).put('a.txt', 'second');
  await backUp(world, vault);
});

const place = () => placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
const total = (metric: 'LegalHoldsDisputed') => world.telemetry.total(metric);

async function vaultNow(): Promise<Vault> {
  const stored = await simulated.ledger().get('vault', vault.vaultId);
  if (stored === undefined) throw new Error('no vault');
  return stored.record;
}

async function holdsNow(): Promise<Hold[]> {
  const listed = simulated.ledger().list('hold', { vaultId: vault.vaultId });
  return Array.fromAsync(listed, ({ record }) => record);
}

/** A hold that the ledger, restored to the moment before, knows nothing of. */
async function loseHold(): Promise<void> {
  const before = simulated.ledger().copy();
  await place();
  simulated.restoreLedger(before);
}

async function checkOn(days: number): Promise<void> {
  await moveToHourOf(world, vault, days);
  await checkProtection(world.services);
}

describe('a hold that the ledger has lost', () => {
  test('is found in S3 by the daily check, once, and holds the whole vault again', async () => {
    await loseHold();
    expect((await vaultNow()).holds).toBe(0);
    await checkOn(1);
    await checkOn(1);
    expect((await vaultNow()).holds).toBe(1);
    expect(await holdsNow()).toMatchObject([
      { scope: { kind: 'vault' }, placedBy: ACTOR, reference: 'S3_LEGAL_HOLD' },
    ]);
    const chain = simulated.ledger().list('audit', { chainId: vault.vaultId });
    const entries = await Array.fromAsync(chain, ({ record }) => record);
    expect(entries.filter(({ action }) => action === 'hold.placed')).toMatchObject([
      { actor: ACTOR, reason: 'S3_LEGAL_HOLD' },
    ]);
    expect(total('LegalHoldsDisputed')).toBe(1);
  });

  test('ends in S3 as well when two people release what stands for it', async () => {
    await loseHold();
    await checkOn(1);
    const [hold] = await holdsNow();
    if (hold === undefined) throw new Error('no hold');
    await release(world, hold);
    expect(await heldCounts(world, vault)).toEqual([0, 0]);
    await checkOn(1);
    expect((await vaultNow()).holds).toBe(0);
  });

  test('calls off the deletion of keys that was scheduled meanwhile', async () => {
    await loseHold();
    await approved(world, vault);
    await advanceDueErasures(world.services);
    await checkOn(1);
    for (let day = 0; day < 12; day += 1) {
      await world.clock.moveDays(1);
      await advanceDueErasures(world.services);
    }
    const { primary, secondary } = await world.custody.states(vault.keys);
    expect([primary.state, secondary.state]).toEqual(['Disabled', 'Disabled']);
  });

  test('is found by a sweep that comes before the check, and nothing expires', async () => {
    await loseHold();
    await world.clock.moveDays(60);
    const { expired, removed } = await sweepCopies(world.services, () => true);
    expect({ expired, removed }).toEqual({ expired: 0, removed: 0 });
    expect(await holdsNow()).toMatchObject([{ placedBy: 'holdfast:sweep-copies' }]);
    const stored = await simulated.ledger().get('snapshot', vault.vaultId, first.snapshotId);
    expect(stored?.record.expiredAt).toBeNull();
  });
});

describe('a hold that S3 has lost', () => {
  test('is set again, and rings', async () => {
    await place();
    const { key, versions } = first.seal;
    await world.copies.primary.setLegalHold(key, versions.primary ?? '', false);
    expect(await heldCounts(world, vault)).toEqual([5, 6]);
    await checkOn(1);
    expect(await heldCounts(world, vault)).toEqual([6, 6]);
    expect(world.telemetry.total('LegalHoldsBehind')).toBeGreaterThan(0);
    expect(total('LegalHoldsDisputed')).toBe(1);
    expect((await vaultNow()).holds).toBe(1);
  });

  test('is set again by the hourly pass when the function cannot be reached', async () => {
    await place();
    world.pipeline.wire({ holds: async () => undefined });
    const { key, versions } = first.seal;
    await world.copies.secondary.setLegalHold(key, versions.secondary ?? '', false);
    await checkOn(1);
    expect(await heldCounts(world, vault)).toEqual([6, 5]);
    await applyHolds(world.services);
    expect(await heldCounts(world, vault)).toEqual([6, 6]);
  });
});

describe('what is no dispute', () => {
  test('is a hold on a vault or a snapshot, as long as it lasts and afterwards', async () => {
    const body = { ...LAWSUIT, snapshotId: first.snapshotId };
    const single = await placeHold(world.services, SUPERVISOR, vault.vaultId, body);
    await checkOn(1);
    const whole = await place();
    await checkOn(1);
    await release(world, whole);
    await checkOn(1);
    expect((await vaultNow()).holds).toBe(1);
    expect(single.scope.kind).toBe('snapshot');
    expect(total('LegalHoldsDisputed')).toBe(0);
  });

  test('is an object whose legal hold has not followed a release yet: it follows', async () => {
    const hold = await place();
    world.pipeline.wire({ holds: async () => undefined });
    await release(world, hold);
    await checkOn(1);
    expect((await vaultNow()).holds).toBe(0);
    expect(total('LegalHoldsDisputed')).toBe(0);
  });
});

test('a legal hold that nobody knows of rings when it keeps what is to go', async () => {
  const { key } = first.seal;
  const { primary } = world.copies;
  primary.overwrite(key, Buffer.from('not by Holdfast'));
  const [foreign] = await Array.fromAsync(primary.list(key));
  await primary.setLegalHold(key, foreign?.versionId ?? '', true);
  await sweepCopies(world.services, () => true);
  expect(world.telemetry.eventsNamed('legal-holds.unknown')).toMatchObject([
    { vaultId: vault.vaultId, versions: 1 },
  ]);
  expect(total('LegalHoldsDisputed')).toBe(1);
});
