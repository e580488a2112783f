import { HoldfastError } from '../domain/errors.ts';
import { requireId } from '../domain/ids.ts';
import type { Ledger, Stored } from '../ports/ledger.ts';

/** One attempt series to back up one vault. */
export interface RunAddress {
  readonly vaultId: string;
  readonly runId: string;
}

/** @throws HoldfastError `ID_INVALID`, `RUN_UNKNOWN`. */
export async function requireRun(
  ledger: Ledger,
  { vaultId, runId }: RunAddress,
): Promise<Stored<'run'>> {
  const found = await ledger.get('run', vaultId, requireId('run', runId));
  if (found === undefined) {
    throw new HoldfastError('RUN_UNKNOWN', { vaultId, runId });
  }
  return found;
}
