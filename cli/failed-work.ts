import { FAULTS, type FaultCode } from '../shared/domain/fault-catalogue.ts';
import { CliError } from './cli-error.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';

/**
 * @param what - what failed, such as `Backup run 01…`.
 * @param code - the code of the error that ended it, as the ledger keeps it.
 * @returns the failure to report after the result was printed.
 */
export function failedWork(what: string, code: string | null): CliError {
  const fault = code !== null && code in FAULTS ? FAULTS[code as FaultCode] : undefined;
  return new CliError({
    code: code ?? 'UNEXPECTED',
    message: `${what} failed${code === null ? '' : ` with ${code}`}.`,
    next: fault?.next ?? 'Look at the logs of the function that ran it.',
    exitCode: fault === undefined ? EXIT.unexpected : exitCodeOf(fault.kind),
  });
}
