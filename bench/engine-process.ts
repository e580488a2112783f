/**
 * Does one job of the engine and prints what it took as JSON: the process whose CPU and memory are
 * measured. Its arguments are the job, the user's cache folder and the admin API's URL.
 */
import { cacheCompiled } from '../cli/cache-compiled.ts';
import { collectLazily } from '../shared/wiring/collect-lazily.ts';
import { type EngineAnswer, type EngineJob, isOfCli } from './engine-jobs.ts';

const [, , jobText = '', cacheHome, api = ''] = process.argv;
const job = JSON.parse(jobText) as EngineJob;
if (isOfCli(job)) {
  // As the command starts.
  collectLazily();
  cacheCompiled(cacheHome);
}
const perform = isOfCli(job)
  ? (await import('./command-work.ts')).perform
  : (await import('./function-work.ts')).perform;
const startedAt = performance.now();
const cpuAtStart = process.cpuUsage();
const work = await perform(job, api);
const { user, system } = process.cpuUsage(cpuAtStart);
const answer: EngineAnswer = {
  ...work,
  peakMiB: process.resourceUsage().maxRSS / 1024,
  jobWall: (performance.now() - startedAt) / 1000,
  jobCpu: (user + system) / 1e6,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
