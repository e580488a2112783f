import { CommanderError } from 'commander';
import { isFault } from '../shared/domain/errors.ts';
import { CliError } from './cli-error.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';

/** A failure as it is printed; with `--json` as one JSON document on stderr. */
export interface Failure {
  readonly error: string;
  readonly message: string;
  readonly next: string;
}

/** @returns what to print about an error and what to end with. */
export function describeFailure(error: unknown): { failure: Failure; exitCode: ExitCode } {
  if (error instanceof CliError) {
    const { code, message, next, exitCode } = error;
    return { failure: { error: code, message, next }, exitCode };
  }
  if (isFault(error)) {
    const { code, message, next } = error;
    return { failure: { error: code, message, next }, exitCode: exitCodeOf(error.kind) };
  }
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '');
    const next = 'See "--help" of the command.';
    return { failure: { error: 'USAGE', message, next }, exitCode: EXIT.usage };
  }
  if (error instanceof Error && error.name === 'CredentialsProviderError') {
    const failure = {
      error: 'NO_CREDENTIALS',
      message: 'There are no AWS credentials to sign with.',
      next: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    };
    return { failure, exitCode: EXIT.usage };
  }
  const failure = {
    error: 'UNEXPECTED',
    message: error instanceof Error ? error.message : String(error),
    next: 'Run it again with HOLDFAST_DEBUG=1 to see where it happened.',
  };
  return { failure, exitCode: EXIT.unexpected };
}
