import { parseArgs } from 'node:util';
import { describeFigures, shortcomings } from './figures.ts';
import { daysOf, SimulationFailure, simulate } from './simulate.ts';

/**
 * `npm run simulate -- --seeds N --years Y`: plays N installations, each of another seed. The first
 * that fails is printed with its seed; `--seed S` plays that one again.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    years: { type: 'string', default: '10' },
    seed: { type: 'string' },
    records: { type: 'string', default: '40' },
  },
});
const [count, years, records] = [values.seeds, values.years, values.records].map(Number) as [
  number,
  number,
  number,
];
if (![count, years, records].every((value) => value > 0)) {
  throw new RangeError('--seeds, --years and --records take numbers above 0.');
}
const seeds =
  values.seed === undefined
    ? Array.from({ length: count }, (_, index) => `${index + 1}`)
    : [values.seed];
for (const seed of seeds) {
  const began = performance.now();
  try {
    const figures = await simulate({ seed, days: daysOf(years), records });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    process.stdout.write(`seed ${seed}: every check held (${seconds} s)\n`);
    process.stdout.write(`${describeFigures(figures)}\n`);
    for (const shortcoming of shortcomings(figures)) {
      process.stdout.write(`MISSED  ${shortcoming}\n`);
      process.exitCode = 1;
    }
  } catch (error) {
    if (!(error instanceof SimulationFailure)) {
      throw error;
    }
    process.stdout.write(`FAILED  ${error.message}\n${(error.cause as Error)?.stack ?? ''}\n`);
    process.stdout.write(`Again: npm run simulate -- --seed ${seed} --years ${years}\n`);
    process.exitCode = 1;
    break;
  }
}
