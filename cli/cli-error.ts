import { EXIT, type ExitCode } from './exit-codes.ts';

/** A failure the CLI reports: what happened, what to do next, and what to end with. */
export class CliError extends Error {
  override readonly name = 'CliError';
  /** A code of the fault catalogue, or one of the CLI's own. */
  readonly code: string;
  readonly next: string;
  readonly exitCode: ExitCode;

  constructor(
    failure: { code: string; message: string; next: string; exitCode: ExitCode },
    cause?: unknown,
  ) {
    super(failure.message, cause === undefined ? undefined : { cause });
    this.code = failure.code;
    this.next = failure.next;
    this.exitCode = failure.exitCode;
  }
}

/** @returns the error of a command, option or setting that makes no sense. */
export function usageError(message: string, next = 'See "--help" of the command.'): CliError {
  return new CliError({ code: 'USAGE', message, next, exitCode: EXIT.usage });
}
