import { MemoryCustody } from '../support/memory-custody.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';
import { MovableClock } from '../support/movable-clock.ts';
import { describeKeyCustodyContract } from './key-custody.contract.ts';
import { describeKeyDestructionContract } from './key-destruction.contract.ts';

async function openMemory() {
  const clock = new MovableClock();
  const keys = new MemoryCustody(clock, TEST_INSTALLATION.regions);
  return {
    custody: keys,
    destruction: keys,
    now: () => clock.now(),
    moveDays: (days: number) => clock.moveDays(days),
    changePolicy: (keyArn: string) => keys.changePolicy(keyArn),
  };
}

describeKeyCustodyContract('memory', openMemory);
describeKeyDestructionContract('memory', openMemory);
