import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What a property test finds depends on luck, and a bug is to be caught every time. */
const LEFT_TO_LUCK = '**/*.property.test.ts';

/** Kill the process at each of its hundreds of calls. */
const LONG = '**/interrupted-*.test.ts';

interface Stage {
  readonly run: readonly string[];
  readonly without: readonly string[];
}

/**
 * The tests that guard the erasing path, the same for every planted bug. The rules come first,
 * because they take seconds; the stacks, which take a minute, run only for what is left.
 */
const STAGES: readonly Stage[] = [
  {
    run: [
      'test/domain',
      'test/erasure',
      'test/certificate',
      'test/tombstone',
      'test/holds',
      'test/closing',
      'test/audit',
      'test/backup/two-runs',
      'test/format/audit-hash',
      'test/functions/unreconciled',
      'test/registry',
      'test/restore/request-restore',
      'test/retention/sweep-erased',
    ],
    without: [LEFT_TO_LUCK, LONG],
  },
  {
    run: [
      'test/erasure',
      'test/contract/keys-aws',
      'test/contract/signing-aws',
      'test/aws/key-policy',
    ],
    without: [LEFT_TO_LUCK],
  },
  { run: ['test/infra/stacks'], without: [] },
];

/** Two files at once, whatever the machine has: it may have something else to do. */
const WORKERS = 2;

/** Far more than a stage takes: a bug may make a loop that never ends. */
const STAGE_MS = 10 * 60_000;

/** How a run of the guarding tests ended. */
export type Outcome =
  | { readonly kind: 'passed' }
  /** Name of the first test that failed, after that of its file. */
  | { readonly kind: 'failed'; readonly test: string }
  /** No test failed, and yet it did not pass: a file that does not load, a run without an end. */
  | { readonly kind: 'broken'; readonly problem: string };

/** Runs them in a tree until one fails. */
export async function runGuardingTests(root: string): Promise<Outcome> {
  for (const stage of STAGES) {
    const outcome = await runStage(root, stage);
    if (outcome.kind !== 'passed') {
      return outcome;
    }
  }
  return { kind: 'passed' };
}

async function runStage(root: string, stage: Stage): Promise<Outcome> {
  const report = join(root, 'build', 'mutant.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const order = ['run', ...stage.run, ...stage.without.flatMap((path) => ['--exclude', path])];
  const speed = ['--bail', '1', '--no-isolate', '--maxWorkers', String(WORKERS)];
  const output = ['--reporter', 'json', '--outputFile', report];
  rmSync(report, { force: true });
  const { code, text } = await runNode([vitest, ...order, ...speed, ...output], root);
  const test = firstFailure(report, root);
  if (test !== undefined) {
    return { kind: 'failed', test };
  }
  return code === 0 ? { kind: 'passed' } : { kind: 'broken', problem: text.trim() };
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

function firstFailure(report: string, root: string): string | undefined {
  if (!existsSync(report)) {
    return undefined;
  }
  const { testResults }: Report = JSON.parse(readFileSync(report, 'utf8'));
  const failures = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName }) => `${name.slice(root.length + 1)}: ${fullName}`),
  );
  return failures[0];
}

function runNode(
  args: readonly string[],
  cwd: string,
): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: STAGE_MS,
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text: Buffer.concat(chunks).toString('utf8') }));
  });
}
