import { expect, test } from 'vitest';
import { MemoryPipeline } from './memory-pipeline.ts';

test('a run is started once, however often it is asked for', async () => {
  const pipeline = new MemoryPipeline();
  const runs: string[] = [];
  pipeline.wire({ backup: async (vaultId, runId) => void runs.push(`${vaultId} ${runId}`) });
  await pipeline.startBackup('vault', 'run-1');
  await pipeline.startBackup('vault', 'run-1');
  await pipeline.startBackup('vault', 'run-2');
  expect(runs).toEqual(['vault run-1', 'vault run-2']);
});

test("a backup's failure stays behind the pipeline, an erasing step's does not", async () => {
  const pipeline = new MemoryPipeline();
  const failure = new Error('failed');
  pipeline.wire({
    backup: () => Promise.reject(failure),
    advanceErasure: () => Promise.reject(failure),
  });
  await expect(pipeline.startBackup('vault', 'run')).resolves.toBeUndefined();
  expect(pipeline.failures).toEqual([failure]);
  await expect(pipeline.advanceErasure('vault')).rejects.toBe(failure);
});
