import { MemorySource } from '../support/memory-source.ts';
import { MovableClock } from '../support/movable-clock.ts';
import { describeSourceContract } from './source.contract.ts';

describeSourceContract('memory', async () => {
  const source = new MemorySource(new MovableClock(), '01K9ZZZZZZ0000000000000001');
  return {
    source,
    put: async (path, content, options) => source.put(path, content, options),
    delete: async (path) => source.delete(path),
  };
});
