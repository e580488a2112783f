import { expect, test } from 'vitest';
import { KEY_TIERS, type KeyTier } from '../../shared/domain/key-tier.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import type { KeyEvent } from '../../shared/erasure/key-event.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { approved, keyStates } from '../support/erasing.ts';
import { registeredVault, vaultNow } from '../support/living-installation.ts';
import { memoryServices } from '../support/memory-services.ts';
import { samplePack, sampleSnapshot } from '../support/sample-records.ts';
import { stoppingAfter } from '../support/stopping-services.ts';

const BATCH = 25;

/** @returns how often ledger, keys and copies are reached from the approval to each point. */
async function callsToErase(tier: KeyTier, packs: number): Promise<Record<string, number>> {
  const world = memoryServices();
  const vault = await registeredVault(world, { tier });
  const { vaultId } = vault;
  for (let done = 0; done < packs; done += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, packs - done) }, () => world.ids.next());
    const records = ids.flatMap((id) => [samplePack(vaultId, id), sampleSnapshot(vaultId, id)]);
    await world.ledger.write(records.map((record) => ({ record, expect: 'absent' })));
  }
  const trail: KeyEvent[] = [];
  world.custody.onKeyEvent(async (event) => void trail.push(event));
  expect((await approved(world, vault)).plan).toMatchObject({ packs, snapshots: packs });

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
  await advanceDueErasures(services);
  const destroyed = calls();
  // Lists once what the keys had opened.
  await confirmDueErasures(services);
  expect((await vaultNow(world, vaultId)).state).toBe('ERASED');
  return { unreadable, scheduled, destroyed };
}

test.each(KEY_TIERS)(
  'making a vault of tier %s unreadable, and destroying its keys, costs the same at any size',
  async (tier) => {
    const small = await callsToErase(tier, 1);
    expect(await callsToErase(tier, 1_000)).toEqual(small);
    console.info(`${tier}, calls until ${JSON.stringify(small)}, with 1 pack and with 1,000`);
    expect(small.unreadable).toBeLessThan(40);
  },
);
