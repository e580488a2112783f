import { fileURLToPath } from 'node:url';
import { FUNCTION_PLANS } from '../infra/function-plans.ts';
import { nodeOptions } from '../infra/node-options.ts';
import type { BenchContext, Benchmark } from './benchmark.ts';
import { atMost, exactly, rounded } from './goals.ts';
import { type Calls, COPY_COUNT } from './imagined-services.ts';
import type { VaultShape } from './imagined-vault.ts';
import { runProcess } from './run-process.ts';

const PROCESS = fileURLToPath(new URL('retention-process.ts', import.meta.url));

/** About 3 TB, nearly three years old, of which a day's work is due. */
const SHAPE: VaultShape = { packs: 100_000, snapshots: 1_000, unsettled: 24, ended: 10 };

const PEAK_GOAL_MIB = 512;
/** The most that one listing of a bucket's versions names (S3 API, ListObjectVersions). */
const VERSIONS_PER_LIST = 1_000;

interface Answer {
  /** Objects extended, or versions removed. */
  readonly done: number;
  readonly failed: number;
  readonly cpu: number;
  readonly peakMiB: number;
  readonly calls: Calls;
}

/** The daily renewal and the daily sweep of one large vault, without the time that AWS takes. */
export const retention: Benchmark = {
  name: 'retention',
  summary: 'renewing and sweeping a vault with 100,000 packs and 1,000 snapshots',
  run: measure,
};

async function measure({ say }: BenchContext) {
  const run = async (work: 'renew' | 'sweep', shape: VaultShape): Promise<Answer> => {
    const size = FUNCTION_PLANS[work === 'renew' ? 'renew-locks' : 'sweep-copies'].size;
    const { stdout } = await runProcess({
      command: process.execPath,
      args: [PROCESS, work, JSON.stringify(shape)],
      env: { NODE_OPTIONS: nodeOptions(size) },
    });
    const answer = JSON.parse(stdout) as Answer;
    const { cpu, peakMiB, done, failed } = answer;
    say(`${work}: ${done} done, ${failed} failed, CPU ${rounded(cpu)} s, ${peakMiB} MiB`);
    return answer;
  };
  const renewal = await run('renew', SHAPE);
  const idle = await run('renew', { ...SHAPE, unsettled: 0, packs: SHAPE.packs });
  const sweep = await run('sweep', SHAPE);
  const { packs } = SHAPE;
  const lists = Math.ceil((sweep.calls['copy list, versions'] ?? 0) / VERSIONS_PER_LIST);
  return {
    shape: SHAPE,
    renewal: costOf(renewal),
    renewalWithNothingNew: costOf(idle),
    sweep: { ...costOf(sweep), requestsToList: lists },
    goals: [
      atMost('renewal, peak memory', PEAK_GOAL_MIB, 'MiB', renewal.peakMiB),
      atMost('sweep, peak memory', PEAK_GOAL_MIB, 'MiB', sweep.peakMiB),
      exactly(
        'renewal, calls of a copy for each pack that is due',
        COPY_COUNT,
        'calls',
        (renewal.calls['copy extendLock'] ?? 0) / renewal.done,
      ),
      exactly(
        'renewal, other calls of a copy: seals of new snapshots',
        SHAPE.unsettled,
        'calls',
        renewal.calls['copy read'] ?? 0,
      ),
      exactly(
        'sweep, calls of a copy for each version that goes',
        1,
        'calls',
        (sweep.calls['copy remove'] ?? 0) / sweep.done,
      ),
      atMost('sweep, requests to list, for each pack', 0.01, 'requests', lists / packs),
      exactly('failures', 0, 'failures', renewal.failed + sweep.failed),
    ],
  };
}

function costOf({ done, cpu, peakMiB, calls }: Answer) {
  return { done, cpu: rounded(cpu), peakMiB: rounded(peakMiB), calls };
}
