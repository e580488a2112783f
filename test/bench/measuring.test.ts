import { describe, expect, test } from 'vitest';
import { DOCS, SMALL } from '../../bench/data-set.ts';
import { atLeast, atMost, exactly, median } from '../../bench/goals.ts';
import { runProcess } from '../../bench/run-process.ts';
import { SeededRandom } from '../../bench/seeded-random.ts';

describe('a goal', () => {
  test('is met at its limit and missed beyond it', () => {
    expect(atMost('a', 2, 's', 2)).toEqual({ what: 'a', goal: '<= 2 s', measured: 2, met: true });
    expect(atMost('a', 2, 's', 2.001).met).toBe(false);
    expect(atLeast('a', 2, 'x', 2).met).toBe(true);
    expect(atLeast('a', 2, 'x', 1.999).met).toBe(false);
    expect(exactly('a', 2, 'x', 2).met).toBe(true);
    expect(exactly('a', 2, 'x', 2.1).met).toBe(false);
  });

  test('is missed when nothing was measured', () => {
    expect(atMost('a', 2, 's', Number.NaN).met).toBe(false);
    expect(atLeast('a', 2, 's', Number.NaN).met).toBe(false);
  });
});

test('the median is the middle, or the mean of the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 9])).toBe(3);
  expect(median([7])).toBe(7);
});

test.each([DOCS, SMALL])('$name is the same for the same seed, and has its size', (set) => {
  const content = (seed: string) => set.content(new SeededRandom(seed));
  expect(content('a').equals(content('a'))).toBe(true);
  expect(content('a').equals(content('b'))).toBe(false);
  const samples = Array.from({ length: 40 }, (_, index) => content(`${index}`).length);
  const mean = samples.reduce((sum, size) => sum + size, 0) / samples.length;
  expect(mean / (set.bytes / set.files)).toBeGreaterThan(0.75);
  expect(mean / (set.bytes / set.files)).toBeLessThan(1.25);
});

describe('a measured process', () => {
  const work = 'for (let n = 0, end = performance.now() + 200; performance.now() < end; ) n += 1;';
  const node = (code: string) => ({ command: process.execPath, args: ['-e', code] });

  test('costs what it and the processes it waits for cost', async () => {
    const child = `require('child_process').execFileSync(process.execPath, ['-e', '${work}'])`;
    const { cpu, wall } = await runProcess(node(child));
    expect(cpu).toBeGreaterThan(0.1);
    expect(wall).toBeGreaterThan(0.2);
  });

  test('gives its output; its failure has what it said', async () => {
    expect((await runProcess(node('console.log("out"); console.error("err")'))).stdout).toBe(
      'out\n',
    );
    await expect(runProcess(node('console.error("why"); process.exit(3)'))).rejects.toThrow(
      /ended with code 3:\nwhy/,
    );
  });
});
