import { writeSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Ends standard output with `N passed, N failed` (`, N skipped` when there are any), counting
 * tests.
 *
 * What breaks outside a test (a file that does not load, a hook, an unhandled rejection) counts as
 * one failure, so that the line never claims more than was shown. A run in which no test ran fails.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const counts = countTests(modules);
    counts.failed += unhandled.length;
    if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
    // Other reporters are still writing at this point, and this line has to be the last.
    process.once('exit', () => writeSync(process.stdout.fd, `${countLine(counts)}\n`));
  }
}

function countTests(modules: readonly TestModule[]): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === 'pending' ? 'skipped' : state] += 1;
    }
    const suites = [...module.children.allSuites()];
    counts.failed += [module, ...suites].filter((part) => part.errors().length > 0).length;
  }
  return counts;
}

function countLine({ passed, failed, skipped }: Counts): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
