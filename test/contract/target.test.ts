import { MemoryTarget } from '../support/memory-target.ts';
import { describeTargetContract } from './target.contract.ts';

describeTargetContract('memory', async () => {
  const target = new MemoryTarget();
  return {
    target,
    read: async (path) => target.files.get(path)?.bytes,
    put: async (path, bytes) => {
      target.files.set(path, {
        bytes: Buffer.from(bytes),
        contentType: null,
        metadata: {},
        tags: {},
      });
    },
    names: async () => [...target.files.keys()],
    properties: async (path) => {
      const file = target.files.get(path);
      return {
        contentType: file?.contentType ?? null,
        metadata: file?.metadata ?? {},
        tags: file?.tags ?? {},
      };
    },
  };
});
