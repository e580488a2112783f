import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

function bench(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
}

describe('npm run bench', () => {
  test('--help names every benchmark', () => {
    const { status, stdout } = bench('--help');
    expect(status).toBe(0);
    for (const name of ['engine', 'scale', 'memory', 'large-file', 'retention', 'keys']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
    }
  });

  test('refuses a benchmark that it does not have, and says which there are', () => {
    const { status, stderr } = bench('fast');
    expect(status).toBe(1);
    expect(stderr).toContain('there are engine, scale, memory, large-file, retention, keys');
  });

  test.each(['0', '-1', 'two'])('refuses %s runs', (runs) => {
    expect(bench('engine', `--runs=${runs}`).stderr).toContain('a whole number of at least 1');
  });
});
