import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupTool } from './backup-tool.ts';
import type { BenchContext, Benchmark } from './benchmark.ts';
import { copyTree } from './copied-tree.ts';
import { changeFiles, type DataSet, DOCS, SMALL, writeDataSet } from './data-set.ts';
import { countOf, countsSince, type EmbeddedAws } from './embedded-aws-process.ts';
import { engineGoals } from './engine-goals.ts';
import { type Samples, type SetSummary, summarize } from './engine-summary.ts';
import { type HoldfastTool, holdfastTool } from './holdfast.ts';
import { rcloneTool } from './rclone.ts';
import { resticTool } from './restic.ts';
import { type ProcessCost, runProcess } from './run-process.ts';
import { withEmbeddedAws } from './with-embedded-aws.ts';

/**
 * Restored trees are removed when all tools have had their turn: ext4 without a journal takes up to
 * five times as long to make a file in the minute after many were removed, as it passes over each
 * of their places.
 */
const RESTORED = 'restored';

/** One in so many files changes between two backups. */
const CHANGED_SHARE = 100;

/** Holdfast beside restic and rclone crypt, on both data sets or a given tree, over the same S3. */
export const engine: Benchmark = {
  name: 'engine',
  summary: 'first, unchanged and incremental backup and restore beside restic and rclone crypt',
  run: async (context) => {
    const summaries = [];
    if (context.folder === null) {
      for (const set of [DOCS, SMALL]) {
        summaries.push(await measureGenerated(context, set));
      }
    } else {
      summaries.push(await measureFolder(context, context.folder));
    }
    return { sets: summaries, goals: engineGoals(summaries) };
  },
};

async function measureGenerated(context: BenchContext, set: DataSet): Promise<SetSummary> {
  context.say(`${set.name}: generating ${set.files} files`);
  const folder = join(context.directory, set.name);
  const bytes = await writeDataSet(set, context.seed, folder);
  return measureSet(context, { set, bytes, folder, generated: set });
}

/** What changes cannot be made up for files of any kind: those steps are left out. */
async function measureFolder(context: BenchContext, from: string): Promise<SetSummary> {
  context.say(`copying ${from}`);
  const folder = join(context.directory, 'folder');
  const { files, bytes } = await copyTree(from, folder);
  const set = { name: 'folder', files };
  return measureSet(context, { set, bytes, folder, generated: null });
}

/** A tree that lies in a folder. */
interface Tree extends Pick<Samples, 'set' | 'bytes'> {
  readonly folder: string;
  readonly generated: DataSet | null;
}

async function measureSet(context: BenchContext, tree: Tree): Promise<SetSummary> {
  const { set, bytes } = tree;
  const lists = { costs: [], requests: [], sizes: [], reads: [], encryptedObjects: [] };
  const samples: Samples = { set, bytes, ...lists };
  for (let run = 1; run <= context.runs; run += 1) {
    await measureAll(context, samples, tree, run);
  }
  await rm(tree.folder, { recursive: true, force: true });
  return summarize(samples);
}

/** Every run has an embedded AWS of its own, which starts empty. */
async function measureAll(
  context: BenchContext,
  samples: Samples,
  tree: Tree,
  run: number,
): Promise<void> {
  const home = join(context.directory, 'home');
  await mkdir(home, { recursive: true });
  await withEmbeddedAws(context.directory, async (aws) => {
    const holdfast = holdfastTool(aws, 'bench', home, context.profileDirectory);
    const tools = [holdfast, resticTool(aws, 'restic', home), rcloneTool(aws, 'rclone', home)];
    const round = { context, samples, aws, tree, run };
    for (const tool of tools.filter((one) => one !== null)) {
      await measureTool(round, tool);
    }
    if (tree.generated !== null) {
      await measureOneFile(round, tree.generated, holdfast);
    }
  });
  await rm(home, { recursive: true, force: true });
  await rm(join(context.directory, RESTORED), { recursive: true, force: true });
}

interface Round {
  readonly context: BenchContext;
  readonly samples: Samples;
  readonly aws: EmbeddedAws;
  readonly tree: Tree;
  readonly run: number;
}

async function measureTool(round: Round, tool: BackupTool): Promise<void> {
  const { context, samples, aws, tree, run } = round;
  const { say } = context;
  const { set, folder } = tree;
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
  if (tree.generated !== null) {
    await changeSome(context, tree.generated, folder, 2);
    await take('incremental', () => tool.push(folder));
  }
  const target = join(context.directory, RESTORED, tool.name);
  await take('restore', () => tool.restore(target));
  await runProcess({ command: 'diff', args: ['--recursive', '--brief', folder, target] });
  if (tree.generated !== null) {
    await changeSome(context, tree.generated, folder, 1);
  }
}

async function changeSome(
  { seed }: BenchContext,
  set: DataSet,
  folder: string,
  edition: number,
): Promise<void> {
  await changeFiles(set, seed, folder, set.files / CHANGED_SHARE, edition);
}

/** One file out of a whole pack: which objects are read for it. */
async function measureOneFile(round: Round, set: DataSet, holdfast: HoldfastTool): Promise<void> {
  const { context, samples, aws } = round;
  const target = join(context.directory, 'one');
  const before = await aws.counts();
  const { cpu, wall, reads = {} } = await holdfast.restoreOne(target, set.path(150));
  const gets = countOf(countsSince(before, await aws.counts()), /^s3 GetObject /);
  samples.reads.push({ ...reads, gets });
  context.say(`${set.name}: one file restored: ${gets} GETs, CPU ${cpu} s, wall ${wall} s`);
  await rm(target, { recursive: true, force: true });
}

function peakOf(rest: object): { peakMiB?: number } {
  return 'peakMiB' in rest ? { peakMiB: Number(rest.peakMiB) } : {};
}
