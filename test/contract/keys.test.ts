import { KEY_TIERS, type KeyTier } from '../../shared/domain/key-tier.ts';
import { MemoryCustody } from '../support/memory-custody.ts';
import { MemoryInstallationKeys } from '../support/memory-installation-keys.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';
import { MovableClock } from '../support/movable-clock.ts';
import { describeInstallationKeysContract } from './installation-keys.contract.ts';
import { describeKeyCustodyContract } from './key-custody.contract.ts';
import { describeKeyDestructionContract } from './key-destruction.contract.ts';

async function openMemory(tier: KeyTier) {
  const clock = new MovableClock();
  const keys = new MemoryCustody(clock, TEST_INSTALLATION.regions);
  return {
    tier,
    custody: keys,
    destruction: keys,
    now: () => clock.now(),
    moveDays: (days: number) => clock.moveDays(days),
    changePolicy: async (keyArn: string) => {
      await keys.changePolicy(keyArn);
      return tier === 'dedicated';
    },
  };
}

describeInstallationKeysContract('memory', async () => {
  const { custody, destruction, moveDays } = await openMemory('dedicated');
  const keys = new MemoryInstallationKeys(custody);
  const own = await keys.make();
  const { keys: others } = await custody.create('others', 'dedicated');
  return { keys, own, others, destruction, moveDays };
});

for (const tier of KEY_TIERS) {
  describeKeyCustodyContract(`memory, ${tier}`, () => openMemory(tier));
  describeKeyDestructionContract(`memory, ${tier}`, () => openMemory(tier));
}
