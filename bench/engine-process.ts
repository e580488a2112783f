/**
 * Does one job of the engine and prints what it took as JSON: the process whose CPU and memory are
 * measured. The job is the first argument, the user's cache folder the second.
 */
import { cacheCompiled } from '../cli/cache-compiled.ts';
import { collectLazily } from '../shared/wiring/collect-lazily.ts';
import { type EngineAnswer, type EngineJob, isOfCli } from './engine-jobs.ts';

const [, , jobText = '', cacheHome] = process.argv;
const job = JSON.parse(jobText) as EngineJob;
if (isOfCli(job)) {
  // As the command starts.
  collectLazily();
  cacheCompiled(cacheHome);
}
const { perform } = await import('./engine-work.ts');
const startedAt = performance.now();
const cpuAtStart = process.cpuUsage();
const work = await perform(job);
const { user, system } = process.cpuUsage(cpuAtStart);
const answer: EngineAnswer = {
  ...work,
  peakMiB: process.resourceUsage().maxRSS / 1024,
  jobWall: (performance.now() - startedAt) / 1000,
  jobCpu: (user + system) / 1e6,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
