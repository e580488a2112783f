import { MemoryCopy } from '../support/memory-copy.ts';
import { MovableClock } from '../support/movable-clock.ts';
import { describeCopyContract } from './copy.contract.ts';

describeCopyContract('memory', async () => {
  const clock = new MovableClock();
  const copy = new MemoryCopy('primary', clock);
  return {
    copy,
    now: () => clock.now(),
    moveDays: (days) => clock.moveDays(days),
    overwrite: async (key, bytes) => {
      copy.overwrite(key, bytes);
    },
    hide: async (key) => copy.hide(key),
    openUploads: async () => copy.openUploads(),
  };
});
