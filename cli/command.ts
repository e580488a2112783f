import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseLocalDate } from '../shared/domain/local-date.ts';
import type { measureSource } from '../shared/wiring/measure-source.ts';
import type { CallApi } from './api-client.ts';
import type { CliError } from './cli-error.ts';
import type { Screen } from './push/push-display.ts';
import type { PushFolder } from './push/push-folder.ts';
import type { RestoreToFolder } from './restore-to-folder.ts';

/** Lists an S3 prefix with the credentials of the caller. */
export type MeasureSource = typeof measureSource;

/** What a command reaches the world by. */
export interface Cli {
  readonly call: CallApi;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Says on stderr what goes on; silent with `--json`. */
  readonly progress: (line: string) => void;
  readonly restoreToFolder: RestoreToFolder;
  readonly pushFolder: PushFolder;
  readonly measureSource: MeasureSource;
  /** Where a long work shows how far it is. */
  readonly screen: Screen;
  /**
   * Hears of Ctrl-C, which does not end the process then, until the returned function is called.
   */
  readonly onInterrupt: (listener: () => void) => () => void;
}

/** What a command found out: printed as JSON with `--json`, otherwise as text. */
export interface Outcome {
  readonly json: unknown;
  /** Whole lines. */
  readonly text: string;
  /** Set when the command told the truth about something that failed: reported after the result. */
  readonly failure?: CliError;
}

/** Runs a command's work and prints its outcome. */
export type Execute = (command: Command, work: (cli: Cli) => Promise<Outcome>) => Promise<void>;

/** What a command is called and how its help describes it. */
export interface CommandSpec {
  /** The word it is called by. */
  readonly name: string;
  readonly says: string;
  /** A whole command line. */
  readonly example: string;
}

/** Adds a command that does something; groups of commands are added without this. */
export function addCommand(parent: Command, { name, says, example }: CommandSpec): Command {
  return parent
    .command(name)
    .description(says)
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', `\nExample:\n  ${example}`);
}

/** A required option that takes an id. */
export function idOption(flags: string, says: string): Option {
  return new Option(flags, says).argParser(parseId).makeOptionMandatory();
}

/** @throws InvalidArgumentError unless the text is an id, as `list` commands print them. */
export function parseId(text: string): string {
  if (!/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text)) {
    throw new InvalidArgumentError(
      'It is not an id: 26 digits and capital letters, as the "list" commands print them.',
    );
  }
  return text;
}

/** @throws InvalidArgumentError unless the text is a date. */
export function parseDate(text: string): string {
  if (parseLocalDate(text) === undefined) {
    throw new InvalidArgumentError('It is not a date: write it as 2025-03-10.');
  }
  return text;
}

/** @returns a parser of whole numbers from `least` to `most`. */
export function parseNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < least || number > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}
