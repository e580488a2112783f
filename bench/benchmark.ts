import type { Goal } from './goals.ts';

/** What a benchmark gets from `npm run bench`. */
export interface BenchContext {
  /** A folder of its own, removed afterwards. */
  readonly directory: string;
  /** Seed of everything that is generated. */
  readonly seed: string;
  /** A tree of the user's to measure in place of the generated ones; `null` for none. */
  readonly folder: string | null;
  /** How often each measurement is repeated. */
  readonly runs: number;
  /** Folder that CPU profiles of the engine are written to; `null` for none. */
  readonly profileDirectory: string | null;
  /** Prints one line of progress on standard error. */
  readonly say: (line: string) => void;
}

/** What a benchmark found, printed as JSON. */
export interface BenchResult {
  readonly goals: readonly Goal[];
  /** Everything that was measured, in units that the names tell. */
  readonly [measurement: string]: unknown;
}

/** One benchmark. */
export interface Benchmark {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  run(context: BenchContext): Promise<BenchResult>;
}
