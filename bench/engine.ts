import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupTool } from './backup-tool.ts';
import type { BenchContext, Benchmark } from './benchmark.ts';
import { changeFiles, DOCS, SMALL, writeDataSet } from './data-set.ts';
import { countOf, countsSince, type EmbeddedAws } from './embedded-aws-process.ts';
import { engineGoals } from './engine-goals.ts';
import { type Samples, summarize } from './engine-summary.ts';
import { type HoldfastTool, holdfastTool } from './holdfast.ts';
import { rcloneTool } from './rclone.ts';
import { resticTool } from './restic.ts';
import { type ProcessCost, runProcess } from './run-process.ts';
import { withEmbeddedAws } from './with-embedded-aws.ts';

/** One in so many files changes between two backups. */
const CHANGED_SHARE = 100;

/** Holdfast beside restic and rclone crypt, on both data sets, over the same S3. */
export const engine: Benchmark = {
  name: 'engine',
  summary: 'first, unchanged and incremental backup and restore beside restic and rclone crypt',
  run: async (context) => {
    const summaries = [];
    for (const set of [DOCS, SMALL]) {
      const folder = join(context.directory, set.name);
      context.say(`${set.name}: generating ${set.files} files`);
      const bytes = await writeDataSet(set, context.seed, folder);
      const samples: Samples = {
        set,
        bytes,
        costs: [],
        requests: [],
        sizes: [],
        reads: [],
        encryptedObjects: [],
      };
      for (let run = 1; run <= context.runs; run += 1) {
        await measureAll(context, samples, folder, run);
      }
      await rm(folder, { recursive: true, force: true });
      summaries.push(summarize(samples));
    }
    return { sets: summaries, goals: engineGoals(summaries) };
  },
};

/** Every run has an embedded AWS of its own, which starts empty. */
async function measureAll(
  context: BenchContext,
  samples: Samples,
  folder: string,
  run: number,
): Promise<void> {
  const home = join(context.directory, 'home');
  await mkdir(home, { recursive: true });
  await withEmbeddedAws(context.directory, async (aws) => {
    const holdfast = holdfastTool(aws, 'bench', context.profileDirectory);
    const tools = [holdfast, resticTool(aws, 'restic', home), rcloneTool(aws, 'rclone', home)];
    for (const tool of tools.filter((one) => one !== null)) {
      await measureTool({ context, samples, aws, folder, run }, tool);
    }
    await measureOneFile({ context, samples, aws, folder, run }, holdfast);
  });
  await rm(home, { recursive: true, force: true });
}

interface Round {
  readonly context: BenchContext;
  readonly samples: Samples;
  readonly aws: EmbeddedAws;
  readonly folder: string;
  readonly run: number;
}

async function measureTool(round: Round, tool: BackupTool): Promise<void> {
  const { context, samples, aws, folder, run } = round;
  const { seed, say } = context;
  const { set } = samples;
  const take = async (step: string, work: () => Promise<ProcessCost>): Promise<void> => {
    const before = await aws.counts();
    const { cpu, wall, ...rest } = await work();
    const requests = countsSince(before, await aws.counts());
    samples.costs.push({ tool: tool.name, step, cpu, wall, ...peakOf(rest) });
    samples.requests.push({ tool: tool.name, step, requests });
    say(`${set.name} run ${run}: ${tool.name} ${step}: CPU ${cpu} s, wall ${wall} s`);
  };
  await tool.prepare();
  await take('first', () => tool.push(folder));
  samples.sizes.push({ tool: tool.name, bytes: await tool.storedBytes() });
  if ('encryptedObjects' in tool) {
    samples.encryptedObjects.push(await (tool as HoldfastTool).encryptedObjects());
  }
  await take('unchanged', () => tool.push(folder));
  const changed = set.files / CHANGED_SHARE;
  await changeFiles(set, seed, folder, changed, 2);
  await take('incremental', () => tool.push(folder));
  const target = join(context.directory, 'restored');
  await take('restore', () => tool.restore(target));
  await runProcess({ command: 'diff', args: ['--recursive', '--brief', folder, target] });
  await rm(target, { recursive: true, force: true });
  await changeFiles(set, seed, folder, changed, 1);
}

/** One file out of a whole pack: which objects are read for it. */
async function measureOneFile(round: Round, holdfast: HoldfastTool): Promise<void> {
  const { context, samples, aws } = round;
  const target = join(context.directory, 'one');
  const before = await aws.counts();
  const { cpu, wall, reads = {} } = await holdfast.restore(target, [samples.set.path(150)]);
  const gets = countOf(countsSince(before, await aws.counts()), /^s3 GetObject /);
  samples.reads.push({ ...reads, gets });
  context.say(`${samples.set.name}: one file restored: ${gets} GETs, CPU ${cpu} s, wall ${wall} s`);
  await rm(target, { recursive: true, force: true });
}

function peakOf(rest: object): { peakMiB?: number } {
  return 'peakMiB' in rest ? { peakMiB: Number(rest.peakMiB) } : {};
}
