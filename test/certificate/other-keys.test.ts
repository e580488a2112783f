import { expect, test } from 'vitest';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { showPlan } from '../../shared/erasure/show-plan.ts';
import { restoredFrom } from '../support/backed-up-vault.ts';
import { TOOL_VERSION } from '../support/certified-erasure.ts';
import { approve, approved, cancelled, erasureNow, requested } from '../support/erasing.ts';
import { livingInstallation, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { branchKeyVault, moved } from '../support/moved-vault.ts';
import { putBack } from '../support/put-back-ledger.ts';
import { snapshotRecords } from '../support/retained-vault.ts';

/** Days pass, and with each the hourly functions. @returns what keeps the certificate back. */
async function twoWeeks({ services, clock }: MemoryServices): Promise<unknown> {
  let failure: unknown;
  for (let day = 0; day < 14; day += 1) {
    await clock.moveDays(1);
    await advanceDueErasures(services);
    await confirmDueErasures(services);
    failure = await certifyDueErasures(services, TOOL_VERSION).catch((error) => error);
  }
  return failure;
}

async function keyStatesOf({ custody }: MemoryServices, { keys }: Vault): Promise<string[]> {
  const { primary, secondary } = await custody.states(keys);
  return [primary.state, secondary.state];
}

const STATEMENTS = { event: null, contractEnded: true, returned: true, concerns: 'vault' } as const;

test('a ledger of before a move neither plans an erasure nor lets one be approved', async () => {
  const world = livingInstallation();
  const vault = await branchKeyVault(world);
  const before = world.ledger.copy();
  const { keys } = await moved(world, vault);
  const back = putBack(world, before);
  const ahead = { code: 'COPIES_AHEAD', data: { keys: `${keys.primary}, ${keys.secondary}` } };
  await expect(showPlan(back.services, vault.vaultId, STATEMENTS)).rejects.toMatchObject(ahead);
  const erasure = await requested(back, vault);
  await expect(approve(back, erasure)).rejects.toMatchObject(ahead);
  expect((await erasureNow(back, erasure)).approvals).toEqual([]);
  world.copies.primary.available = false;
  await expect(approve(back, erasure)).rejects.toMatchObject(ahead);
});

test('an erasure that was approved in such a ledger is never certified', async () => {
  const world = livingInstallation();
  const vault = await branchKeyVault(world);
  const erasure = await approved(world, vault);
  const before = world.ledger.copy();
  await cancelled(world, erasure);
  const after = await moved(world, vault);
  const snapshots = await snapshotRecords(world, after);
  const back = putBack(world, before);
  expect(await twoWeeks(back)).toBe(0);
  expect(world.telemetry.eventsNamed('certificate.refused')).toHaveLength(1);
  expect(await erasureNow(back, erasure)).toMatchObject({ state: 'ERASED', certificateId: null });
  expect(world.signing.signed).toBe(0);
  expect(await keyStatesOf(world, after)).toEqual(['Enabled', 'Enabled']);
  for (const snapshot of snapshots) {
    expect(await restoredFrom(world, after, snapshot, 'any')).not.toEqual({});
  }
  // Somebody destroys those as well: nothing opens anything any more, which is what is certified.
  for (const key of Object.values(after.keys)) {
    await world.custody.scheduleDeletion(key, 7);
  }
  await world.clock.moveDays(8);
  expect(await certifyDueErasures(back.services, TOOL_VERSION)).toBe(1);
});

test('a vault that was moved, and whose ledger knows it, is certified', async () => {
  const world = livingInstallation();
  const vault = await moved(world, await branchKeyVault(world));
  const erasure = await approved(world, vault);
  await twoWeeks(world);
  expect((await erasureNow(world, erasure)).certificateId).not.toBeNull();
  expect(await vaultNow(world, vault.vaultId)).toMatchObject({ state: 'ERASED' });
});
