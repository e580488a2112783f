/**
 * `npm run bench -- NAME`: runs one benchmark and prints what it found as JSON on the last line.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { BenchContext, Benchmark } from './benchmark.ts';
import { engine } from './engine.ts';
import { keys } from './keys.ts';
import { largeFile } from './large-file.ts';
import { describeMachine } from './machine.ts';
import { memory } from './memory.ts';
import { retention } from './retention.ts';
import { endProcesses } from './run-process.ts';
import { scale } from './scale.ts';

const BENCHMARKS: readonly Benchmark[] = [engine, scale, memory, largeFile, retention, keys];

interface Options {
  readonly seed: string;
  readonly runs: number;
  readonly profile?: string;
  readonly folder?: string;
}

function findBenchmark(name: string): Benchmark {
  const found = BENCHMARKS.find((benchmark) => benchmark.name === name);
  if (found === undefined) {
    const known = BENCHMARKS.map((benchmark) => benchmark.name).join(', ');
    throw new InvalidArgumentError(`there is no benchmark of this name; there are ${known}`);
  }
  return found;
}

function parseRuns(text: string): number {
  const runs = Number(text);
  if (!Number.isInteger(runs) || runs < 1) {
    throw new InvalidArgumentError('a whole number of at least 1');
  }
  return runs;
}

async function run(benchmark: Benchmark, options: Options): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const began = performance.now();
  const context: BenchContext = {
    directory,
    seed: options.seed,
    runs: options.runs,
    folder: options.folder ?? null,
    profileDirectory: options.profile ?? null,
    say: (line) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(0).padStart(5);
      process.stderr.write(`${seconds} s  ${line}\n`);
    },
  };
  // The benchmark fails with the program it runs, and so cleans up after itself.
  process.once('SIGINT', endProcesses).once('SIGTERM', endProcesses);
  try {
    const machine = describeMachine();
    const result = await benchmark.run(context);
    const whole = { benchmark: benchmark.name, seed: options.seed, machine, ...result };
    process.stdout.write(`${JSON.stringify(whole)}\n`);
  } finally {
    endProcesses();
    await rm(directory, { recursive: true, force: true });
  }
}

const list = BENCHMARKS.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join('\n');
const command = new Command('bench')
  .description('Measures Holdfast on an embedded AWS inside this machine.')
  .argument('<name>', 'which benchmark', findBenchmark)
  .option('--seed <text>', 'seed of all generated data', 'holdfast')
  .option('--folder <folder>', 'engine: measure a copy of this tree, not generated ones')
  .option('--runs <number>', 'repetitions of each measurement', parseRuns, 3)
  .option('--profile <folder>', 'write CPU profiles of the engine there')
  .addHelpText('after', `\nBenchmarks:\n${list}`)
  .action(run);
await command.parseAsync();
