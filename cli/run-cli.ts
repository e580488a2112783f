import { inspect } from 'node:util';
import { type Command, CommanderError } from 'commander';
import { apiClient, type CallApi } from './api-client.ts';
import { usageError } from './cli-error.ts';
import type { Cli, Execute, MeasureSource, Outcome } from './command.ts';
import { describeFailure } from './describe-failure.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { findUnknownOption } from './find-unknown-option.ts';
import { buildProgram } from './program.ts';
import type { PushFolder } from './push/push-folder.ts';
import type { RestoreToFolder } from './restore-to-folder.ts';
import { readSettings } from './settings.ts';
import { signerFor } from './sign-request.ts';

/** What the settings lead to. */
type Connection = Pick<Cli, 'call' | 'restoreToFolder' | 'pushFolder' | 'measureSource'>;

/** What the CLI is started with. */
export interface Start {
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Columns of the terminal that `writeErr` writes to. @default it is none */
  readonly columns?: number | undefined;
  /** Milliseconds of a clock that only goes forward. @default it stands still */
  readonly now?: () => number;
  /** @default Ctrl-C ends the process */
  readonly onInterrupt?: Cli['onInterrupt'];
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
    const { writeErr, sleep, columns, now = () => 0, onInterrupt = () => () => {} } = start;
    const kind = wantsJson ? 'events' : columns === undefined ? 'lines' : 'bar';
    const screen = { kind, write: writeErr, columns: columns ?? 0, now } as const;
    const connection = (start.connect ?? connect)(start);
    outcome = await work({ ...connection, sleep, progress, screen, onInterrupt });
  };
  // Complaints about the command line are reported like every other error, below.
  const ignored: string[] = [];
  const writeErr = (text: string) => ignored.push(text);
  const program = buildProgram(execute, { writeOut: start.writeOut, writeErr });
  try {
    await program.parseAsync(start.args, { from: 'user' });
    return outcome === undefined ? EXIT.ok : report(start, outcome, wantsJson);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) {
      return EXIT.ok;
    }
    if (error instanceof CommanderError && error.code === 'commander.help') {
      start.writeErr(ignored.join(''));
      return EXIT.usage;
    }
    return reportFailure(start, mistypedOption(program, start.args, error) ?? error, wantsJson);
  }
}

function mistypedOption(program: Command, args: readonly string[], error: unknown) {
  const isMissing =
    error instanceof CommanderError && error.code === 'commander.missingMandatoryOptionValue';
  const unknown = isMissing ? findUnknownOption(program, args) : undefined;
  return unknown === undefined ? undefined : usageError(`unknown option '${unknown}'`);
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

/** Settings are read when the API is called: what works offline needs none. */
function connect({ environment, sleep }: Start): Connection {
  let made: CallApi | undefined;
  const call: CallApi = async (route, input) => {
    if (made === undefined) {
      const { apiUrl, region } = readSettings(environment);
      made = apiClient({ apiUrl, sign: signerFor(region), sleep });
    }
    return made(route, input);
  };
  return { call, restoreToFolder, pushFolder, measureSource };
}

/** Loaded when it is needed: encryption and S3 take longer to load than most commands to run. */
const restoreToFolder: RestoreToFolder = async (answer, wanted) => {
  const loaded = await import('./restore-to-folder.ts');
  return loaded.restoreToFolder(answer, wanted);
};

const pushFolder: PushFolder = async (cli, wanted) => {
  const loaded = await import('./push/push-folder.ts');
  return loaded.pushFolder(cli, wanted);
};

const measureSource: MeasureSource = async (location, most) => {
  const loaded = await import('../shared/wiring/measure-source.ts');
  return loaded.measureSource(location, most);
};
