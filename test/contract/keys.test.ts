import { KEY_TIERS, type KeyTier } from '../../shared/domain/key-tier.ts';
import { MemoryCustody } from '../support/memory-custody.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';
import { MovableClock } from '../support/movable-clock.ts';
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

for (const tier of KEY_TIERS) {
  describeKeyCustodyContract(`memory, ${tier}`, () => openMemory(tier));
  describeKeyDestructionContract(`memory, ${tier}`, () => openMemory(tier));
}
