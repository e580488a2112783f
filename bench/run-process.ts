import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a process and all the processes it waited for took. */
export interface ProcessCost {
  /** User and system time of the process tree, in seconds. */
  readonly cpu: number;
  /** In seconds, from start to end. */
  readonly wall: number;
}

/** How a process ended. */
export interface ProcessResult extends ProcessCost {
  readonly stdout: string;
}

/** What to run. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited but the search path. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Debian's places of programs: the environment of whoever runs the benchmark has no part in it. */
const SEARCH_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * bash's own `time` reports what the kernel counted for a program and all it waited for, to the
 * millisecond; Node cannot ask for that of a child. The report goes to a stream of its own.
 */
const TIMED = 'TIMEFORMAT="%R %U %S"; { time "$0" "$@" 2>&4; } 4>&2 2>&3';

/** Programs that are running: ended with the benchmark, however that ends. */
const running = new Set<ChildProcess>();

/**
 * Runs a program to its end.
 * @throws Error with what it printed when it fails.
 */
export async function runProcess({ command, args, env, cwd }: Program): Promise<ProcessResult> {
  const child = spawn('bash', ['-c', TIMED, command, ...args], {
    cwd,
    env: { PATH: SEARCH_PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // A group of its own, so that the program can be ended together with the shell around it.
    detached: true,
  });
  running.add(child);
  const printed = { stdout: '', stderr: '', report: '' };
  const [, stdout, stderr, report] = child.stdio;
  stdout?.on('data', (chunk) => (printed.stdout += String(chunk)));
  stderr?.on('data', (chunk) => (printed.stderr += String(chunk)));
  report?.on('data', (chunk) => (printed.report += String(chunk)));
  const [code] = await once(child, 'close');
  running.delete(child);
  if (code !== 0) {
    const said = `${printed.stdout}${printed.stderr}`.slice(-4000);
    throw new Error(`${command} ${args[0] ?? ''} ended with code ${code}:\n${said}`);
  }
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = printed.report
    .trim()
    .split(' ')
    .map(Number);
  return { stdout: printed.stdout, cpu: user + system, wall };
}

/** Ends every program that still runs. */
export function endProcesses(): void {
  for (const { pid } of running) {
    if (pid !== undefined) {
      process.kill(-pid, 'SIGTERM');
    }
  }
}
