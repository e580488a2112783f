import { ConfigError } from '../../shared/config/service-config.ts';
import { isFault } from '../../shared/domain/errors.ts';

/** @returns an error's code for logs: the fault's, or the class of an error nobody foresaw. */
export function codeOf(error: unknown): string {
  if (isFault(error)) {
    return error.code;
  }
  return error instanceof Error ? error.name : typeof error;
}

/** @returns file, line and column where an unforeseen error was thrown, `null` for a fault. */
export function placeOf(error: unknown): string | null {
  if (isFault(error)) {
    return null;
  }
  const [place] = framesOf(error).flatMap((line) => FRAME.exec(line)?.[1] ?? []);
  return place ?? null;
}

/**
 * What may be thrown to Lambda, which logs message and trace of whatever it gets. The message of an
 * error nobody foresaw may quote a record's path or a client's name, so it is taken off; class and
 * trace stay. Faults name ids only and are returned as they are.
 */
export function fitForLog(error: unknown): Error {
  if (isFault(error) || error instanceof ConfigError) {
    return error;
  }
  const fit = new Error('An error nobody foresaw; its message is withheld.');
  fit.name = codeOf(error);
  fit.stack = [`${fit.name}: ${fit.message}`, ...framesOf(error)].join('\n');
  return fit;
}

/** A line of a stack trace: `at name (file:line:column)`, or without a name. */
const FRAME = /^\s+at (?:.+ \()?([^()\s]+:\d+:\d+)\)?$/;

function framesOf(error: unknown): string[] {
  if (!(error instanceof Error)) {
    return [];
  }
  const { stack = '', message } = error;
  // The stack begins with the message, which may itself have lines that look like frames.
  const traced = stack.slice(stack.indexOf(message) + message.length);
  return traced.split('\n').filter((line) => FRAME.test(line));
}
