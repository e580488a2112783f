import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { rounded } from './goals.ts';

/** On what a measurement was made, and how busy it was at the start. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  /** Processes that wanted to run, averaged over the minute before. */
  readonly loadBefore: number;
}

/** @returns this machine. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadBefore: rounded(loadavg()[0] ?? Number.NaN),
  };
}
