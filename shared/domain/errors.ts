import { FAULTS, type FaultCode, type FaultData } from './fault-catalogue.ts';

/**
 * What kind of failure an error is; the admin API maps it to a status, the CLI to an exit code.
 * - `invalid`: the input is malformed; repeating it cannot help
 * - `absent`: the thing named does not exist
 * - `conflict`: it exists already, or something else is under way
 * - `refused`: a rule forbids it (a hold, an erased vault, one's own request)
 * - `damaged`: stored data failed verification
 * - `unavailable`: a service did not answer; repeating it may help
 */
export type FaultKind = 'invalid' | 'absent' | 'conflict' | 'refused' | 'damaged' | 'unavailable';

/**
 * The one error type of Holdfast. `message` says what happened and to what, `next` what to do
 * about it. Both may reach logs, so `data` holds ids only: never a client's or a record's name.
 */
export class HoldfastError<Code extends FaultCode = FaultCode> extends Error {
  override readonly name: string;
  readonly code: Code;
  readonly kind: FaultKind;
  readonly data: FaultData<Code>;
  readonly next: string;

  constructor(code: Code, data: FaultData<Code>, cause?: unknown) {
    const fault = FAULTS[code] as {
      kind: FaultKind;
      says: (data: FaultData<Code>) => string;
      next: string;
    };
    super(fault.says(data), cause === undefined ? undefined : { cause });
    // The state machine and the API tell errors apart by their name.
    this.name = code;
    this.code = code;
    this.kind = fault.kind;
    this.data = data;
    this.next = fault.next;
  }
}

/** @returns whether `error` is a HoldfastError, of one of `codes` when any is given. */
export function isFault<Code extends FaultCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is HoldfastError<Code> {
  return (
    error instanceof HoldfastError &&
    (codes.length === 0 || (codes as readonly string[]).includes(error.code))
  );
}
