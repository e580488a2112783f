import { fileURLToPath } from 'node:url';
import { KEY_TIERS, type KeyTier } from '../shared/domain/key-tier.ts';
import { makeKeyStore } from './bare-installation.ts';
import type { BenchContext, Benchmark } from './benchmark.ts';
import type { RequestCounts } from './embedded-aws-process.ts';
import { atMost, exactly, median, rounded } from './goals.ts';
import { clientsOf, INSTALLATION } from './installation.ts';
import { costOfKeys, type KeyCosts } from './key-costs.ts';
import { KEY_STEPS, type KeysAnswer, type StepCost } from './key-steps.ts';
import { runProcess } from './run-process.ts';
import { withEmbeddedAws } from './with-embedded-aws.ts';

const PROCESS = fileURLToPath(new URL('keys-process.ts', import.meta.url));

/** Vaults of each tier in each run; everything is told for 1,000. */
const MEASURED = 100;
const TOLD = 1_000;
const SCALE = TOLD / MEASURED;

/** What keeping the keys of 1,000 vaults may cost in `shared-root`, by what it does otherwise. */
const COST_GOAL = 0.05;

/** Registering, backing up, restoring and erasing vaults of both tiers, call by call. */
export const keys: Benchmark = {
  name: 'keys',
  summary: `calls, cost and time of ${TOLD} vaults in both key tiers, from ${MEASURED} of each`,
  run: measure,
};

interface Told {
  readonly steps: Readonly<Record<string, unknown>>;
  readonly costs: KeyCosts;
  readonly callsPerVault: Readonly<Record<string, number>>;
  readonly erased: number;
}

async function measure(context: BenchContext) {
  const answers: Record<KeyTier, KeysAnswer[]> = { dedicated: [], 'shared-root': [] };
  for (let run = 1; run <= context.runs; run += 1) {
    for (const tier of KEY_TIERS) {
      answers[tier].push(await runOnce(context, tier));
    }
  }
  const dedicated = tell('dedicated', answers.dedicated);
  const shared = tell('shared-root', answers['shared-root']);
  const months = [shared, dedicated].map(({ costs }) => costs.keysPerMonth);
  const [cheap = Number.NaN, dear = Number.NaN] = months;
  return {
    vaultsMeasured: MEASURED,
    vaultsTold: TOLD,
    runs: context.runs,
    scaled: `Calls, units, cost and time are those of ${MEASURED} vaults times ${SCALE}.`,
    tiers: { dedicated, 'shared-root': shared },
    goals: [
      ...[...answers.dedicated, ...answers['shared-root']].map(({ erased }) =>
        exactly('vaults that ended as erased', MEASURED, 'vaults', erased),
      ),
      atMost('keys per month, shared-root by dedicated', COST_GOAL, 'of it', cheap / dear),
    ],
  };
}

async function runOnce({ directory, say }: BenchContext, tier: KeyTier): Promise<KeysAnswer> {
  return withEmbeddedAws(directory, async (aws) => {
    await makeKeyStore(clientsOf(aws.endpoint), INSTALLATION);
    const { stdout } = await runProcess({
      command: process.execPath,
      args: [PROCESS, tier, String(MEASURED), aws.endpoint],
      env: aws.env,
    });
    const answer = JSON.parse(stdout) as KeysAnswer;
    const { register, suspend, destroy } = answer.steps;
    const seconds = [register, suspend, destroy].map(({ wall }) => rounded(wall)).join(', ');
    say(`${tier}: ${MEASURED} vaults registered, suspended, destroyed in ${seconds} s`);
    return answer;
  });
}

/** Runs differ in time only, but for a call that was repeated: medians of all. */
function tell(tier: KeyTier, answers: readonly KeysAnswer[]): Told {
  const costs = KEY_STEPS.map((step): [string, StepCost] => {
    const runs = answers.map(({ steps }) => steps[step]);
    return [
      step,
      {
        calls: medians(runs.map(({ calls }) => calls)),
        units: medians(runs.map(({ units }) => units)),
        wall: median(runs.map(({ wall }) => wall)) * SCALE,
        cpu: median(runs.map(({ cpu }) => cpu)) * SCALE,
      },
    ];
  });
  const steps = Object.fromEntries(costs) as KeysAnswer['steps'];
  return {
    steps: Object.fromEntries(
      costs.map(([step, { calls, units, wall, cpu }]) => [
        step,
        { calls: byOperation(calls), units, wall: rounded(wall), cpu: rounded(cpu) },
      ]),
    ),
    callsPerVault: Object.fromEntries(
      costs.map(([step, { calls }]) => [step, rounded(sum(calls) / TOLD)]),
    ),
    costs: costOfKeys(tier, steps, TOLD),
    erased: Math.min(...answers.map(({ erased }) => erased)),
  };
}

function medians(runs: readonly RequestCounts[]): RequestCounts {
  const names = [...new Set(runs.flatMap(Object.keys))].toSorted();
  return Object.fromEntries(
    names.map((name) => [name, Math.round(median(runs.map((run) => run[name] ?? 0)) * SCALE)]),
  );
}

/** @returns the counts of both Regions together. */
function byOperation(calls: RequestCounts): RequestCounts {
  const together: Record<string, number> = {};
  for (const [name, count] of Object.entries(calls)) {
    const operation = name.split(' ').slice(0, 2).join(' ');
    together[operation] = (together[operation] ?? 0) + count;
  }
  return together;
}

function sum(counts: RequestCounts): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
