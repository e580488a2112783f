import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { apiClient } from './api-client.ts';
import type { Cli, Execute, Outcome } from './command.ts';
import { describeFailure } from './describe-failure.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import type { RestoreToFolder } from './restore-to-folder.ts';
import { readSettings } from './settings.ts';
import { signerFor } from './sign-request.ts';

/** What the settings lead to. */
type Connection = Pick<Cli, 'call' | 'restoreToFolder'>;

/** What the CLI is started with. */
export interface Start {
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** @defaultValue what the settings in `environment` lead to. */
  readonly connect?: (start: Start) => Connection;
}

/**
 * Runs one command. Results go to `writeOut` and nothing else does; progress and errors go to
 * `writeErr`. Never throws.
 * @returns the exit code.
 */
export async function runCli(start: Start): Promise<ExitCode> {
  const wantsJson = start.args.includes('--json');
  let outcome: Outcome | undefined;
  const execute: Execute = async (_command, work) => {
    const progress = wantsJson ? () => {} : (line: string) => start.writeErr(`${line}\n`);
    outcome = await work({ ...(start.connect ?? connect)(start), sleep: start.sleep, progress });
  };
  // Complaints about the command line are reported like every other error, below.
  const ignored: string[] = [];
  const writeErr = (text: string) => ignored.push(text);
  try {
    await buildProgram(execute, { writeOut: start.writeOut, writeErr }).parseAsync(start.args, {
      from: 'user',
    });
    return outcome === undefined ? EXIT.ok : report(start, outcome, wantsJson);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) {
      return EXIT.ok;
    }
    if (error instanceof CommanderError && error.code === 'commander.help') {
      start.writeErr(ignored.join(''));
      return EXIT.usage;
    }
    return reportFailure(start, error, wantsJson);
  }
}

function report(start: Start, outcome: Outcome, wantsJson: boolean): ExitCode {
  start.writeOut(wantsJson ? `${JSON.stringify(outcome.json, null, 2)}\n` : outcome.text);
  return outcome.failure === undefined ? EXIT.ok : reportFailure(start, outcome.failure, wantsJson);
}

function reportFailure(start: Start, error: unknown, wantsJson: boolean): ExitCode {
  const { failure, exitCode } = describeFailure(error);
  const text = wantsJson
    ? JSON.stringify(failure)
    : `holdfast: ${failure.message}\n${failure.next} (${failure.error})`;
  start.writeErr(`${text}\n`);
  if (start.environment.HOLDFAST_DEBUG === '1') {
    start.writeErr(`${inspect(error)}\n`);
  }
  return exitCode;
}

function connect({ environment, sleep }: Start): Connection {
  const { apiUrl, region } = readSettings(environment);
  return { call: apiClient({ apiUrl, sign: signerFor(region), sleep }), restoreToFolder };
}

/** Loaded when it is needed: encryption and S3 take longer to load than most commands to run. */
const restoreToFolder: RestoreToFolder = async (answer, wanted) => {
  const loaded = await import('./restore-to-folder.ts');
  return loaded.restoreToFolder(answer, wanted);
};
