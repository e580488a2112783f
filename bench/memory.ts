import type { BenchContext, Benchmark } from './benchmark.ts';
import type { EmbeddedAws } from './embedded-aws-process.ts';
import { atMost, rounded } from './goals.ts';
import { makeVault, runEngine } from './run-engine.ts';
import { withEmbeddedAws } from './with-embedded-aws.ts';

const SIZES = [1_000, 100_000, 1_000_000];
const BYTES_PER_RECORD = 16;
const PEAK_GOAL_MIB = 512;
const GROWTH_GOAL_MIB = 64;

/** Peak memory of first and unchanged runs of three sizes, over a source that makes records up. */
export const memory: Benchmark = {
  name: 'memory',
  summary: 'peak memory of runs over 1,000, 100,000 and 1,000,000 entries',
  run: (context) => withEmbeddedAws(context.directory, (aws) => measure(context, aws)),
};

async function measure({ say, profileDirectory }: BenchContext, aws: EmbeddedAws) {
  const peaks: { records: number; first: number; unchanged: number }[] = [];
  for (const records of SIZES) {
    const vaultId = await makeVault(aws, `memory-${records}/`);
    const source = { kind: 'synthetic', records, bytesPerRecord: BYTES_PER_RECORD } as const;
    const job = { kind: 'backup', vaultId, source } as const;
    const first = await runEngine(aws, job, profileDirectory);
    const unchanged = await runEngine(aws, job, profileDirectory);
    peaks.push({
      records,
      first: rounded(first.peakMiB),
      unchanged: rounded(unchanged.peakMiB),
    });
    say(`${records} entries: ${first.peakMiB} MiB first, ${unchanged.peakMiB} MiB unchanged`);
  }
  const [least, most] = [peaks[0], peaks.at(-1)];
  const growth = (run: 'first' | 'unchanged') => (most?.[run] ?? 0) - (least?.[run] ?? 0);
  const highest = Math.max(...peaks.flatMap(({ first, unchanged }) => [first, unchanged]));
  const what = 'growth from 1,000 to 1,000,000 entries';
  return {
    peakMiB: peaks,
    goals: [
      atMost('peak memory, any number of records', PEAK_GOAL_MIB, 'MiB', highest),
      atMost(`${what}, first run`, GROWTH_GOAL_MIB, 'MiB', growth('first')),
      atMost(`${what}, unchanged run`, GROWTH_GOAL_MIB, 'MiB', growth('unchanged')),
    ],
  };
}
