/**
 * `npm run mutants`: shows that the tests would notice if the erasing path went wrong. Plants each
 * bug of `test/mutants` in turn into a copy of the working tree, runs the tests that guard the path
 * there, and says which of them caught it. The working tree itself is not touched.
 *
 * Exit code 1 when a bug survives, does not fit into the sources any more, or breaks the tests
 * instead of failing one; and when the tests fail without any bug.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Outcome, runGuardingTests } from './guarding-tests.ts';
import { type PlantedBug, plant, plantedBugs, problemOf } from './planted-bug.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

/** Copies what git tracks or would track; packages are linked, so that caches stay in the copy. */
function copyTree(): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-mutants-')));
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\0');
  for (const path of listed.filter((name) => name !== '' && existsSync(join(ROOT, name)))) {
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  }
  const modules = join(ROOT, 'node_modules');
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(modules).filter((entry) => !entry.startsWith('.vite'))) {
    symlinkSync(join(modules, name), join(copy, 'node_modules', name));
  }
  return copy;
}

async function timed(work: () => Promise<Outcome>): Promise<{ outcome: Outcome; took: string }> {
  const started = performance.now();
  const outcome = await work();
  return { outcome, took: `${((performance.now() - started) / 1000).toFixed(0)} s` };
}

/** @returns whether the bug was caught. */
async function tryBug(bug: PlantedBug, copy: string): Promise<boolean> {
  const problem = problemOf(bug, copy);
  if (problem !== undefined) {
    say(`NO LONGER APPLIES  ${bug.name}: ${problem}`);
    return false;
  }
  const remove = plant(bug, copy);
  const { outcome, took } = await timed(() => runGuardingTests(copy));
  remove();
  switch (outcome.kind) {
    case 'failed':
      say(`caught    ${bug.name}  (${took})\n          by ${outcome.test}`);
      return true;
    case 'passed':
      say(`SURVIVED  ${bug.name}  (${took})\n          ${bug.says}`);
      return false;
    case 'broken':
      say(`BROKEN    ${bug.name}  (${took})\n${outcome.problem}`);
      return false;
  }
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  const all = plantedBugs();
  const wanted = values.only ?? all.map(({ name }) => name);
  const bugs = all.filter(({ name }) => wanted.includes(name));
  const unknown = wanted.filter((name) => !bugs.some((bug) => bug.name === name));
  if (unknown.length > 0) {
    say(`There is no planted bug named ${unknown.join(', ')}: see test/mutants.`);
    return false;
  }
  const copy = copyTree();
  // Also after an interruption.
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(1));
  }
  const { outcome, took } = await timed(() => runGuardingTests(copy));
  if (outcome.kind !== 'passed') {
    const why = outcome.kind === 'failed' ? outcome.test : outcome.problem;
    say(`Without any bug planted the tests do not pass: mend that first.\n${why}`);
    return false;
  }
  say(`passes    without any bug  (${took})`);
  let caught = 0;
  for (const bug of bugs) {
    caught += (await tryBug(bug, copy)) ? 1 : 0;
  }
  say(`${caught} caught / ${bugs.length} planted`);
  return caught === bugs.length;
}

process.exitCode = (await main()) ? 0 : 1;
