import type { FaultKind } from './errors.ts';

/**
 * Declares one fault of the catalogue.
 * @param says - what happened, and to what.
 * @param next - what to do about it.
 */
export function fault<Data>(kind: FaultKind, says: (data: Data) => string, next: string) {
  return { kind, says, next };
}
