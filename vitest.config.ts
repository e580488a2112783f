import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Tests start an embedded AWS with a thread per function: more files at once only fight. */
const MAX_WORKERS = 4;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A process per file: tests that start servers and databases leave nothing to the next file.
    pool: 'forks',
    maxWorkers: Math.min(MAX_WORKERS, availableParallelism()),
    // For what hangs, not for what is slow on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    reporters: ['default', './test/support/count-reporter.ts'],
  },
});
