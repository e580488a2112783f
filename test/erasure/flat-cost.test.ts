import { expect, test } from 'vitest';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import type { KeyEvent } from '../../shared/erasure/key-event.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { approved, keyStates } from '../support/erasing.ts';
import { registeredVault, vaultNow } from '../support/living-installation.ts';
import { memoryServices } from '../support/memory-services.ts';
import { samplePack } from '../support/sample-records.ts';
import { stoppingAfter } from '../support/stopping-services.ts';

const BATCH = 100;

/** @returns how often ledger, keys and copies are reached from the approval to each point. */
async function callsToErase(packs: number): Promise<Record<string, number>> {
  const world = memoryServices();
  const vault = await registeredVault(world);
  for (let done = 0; done < packs; done += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, packs - done) }, () => world.ids.next());
    const records = ids.map((id) => samplePack(vault.vaultId, id));
    await world.ledger.write(records.map((record) => ({ record, expect: 'absent' })));
  }
  const trail: KeyEvent[] = [];
  world.custody.onKeyEvent(async (event) => void trail.push(event));
  expect((await approved(world, vault)).plan.packs).toBe(packs);

  const { services, calls } = stoppingAfter(world.services, Number.POSITIVE_INFINITY, 'before');
  await advanceDueErasures(services);
  expect(await keyStates(world, vault)).toEqual(['Disabled', 'Disabled']);
  const unreadable = calls();
  await world.clock.moveDays(3);
  await advanceDueErasures(services);
  const scheduled = calls();
  await world.clock.moveDays(7);
  for (const event of trail) {
    await recordKeyEvent(services, event);
  }
  await confirmDueErasures(services);
  expect((await vaultNow(world, vault.vaultId)).state).toBe('ERASED');
  return { unreadable, scheduled, erased: calls() };
}

test('making a vault unreadable, and erasing it, costs the same whatever its size', async () => {
  const small = await callsToErase(1);
  expect(await callsToErase(1_000)).toEqual(small);
  console.info(`calls until ${JSON.stringify(small)}, with 1 pack and with 1,000`);
  expect(small.unreadable).toBeLessThan(40);
});
