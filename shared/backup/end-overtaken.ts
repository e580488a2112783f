import type { BackupRun, Vault } from '../domain/records.ts';
import type { Change, Ledger } from '../ports/ledger.ts';

/** Why a run ended that was never heard of again. */
const ABANDONED = 'ABANDONED';

/**
 * Ends a run that gives its vault away: its lease is over, or another could not take the vault. It
 * has ended with its lease: from then on it could write nothing.
 *
 * @param runId - the run that takes the vault.
 * @returns what is to be written in one transaction with the new lease; nothing when no other run
 * had the vault, or when that one has ended.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function endOvertaken(
  ledger: Ledger,
  { vaultId, activeRun }: Pick<Vault, 'vaultId' | 'activeRun'>,
  runId: string,
): Promise<Change[]> {
  if (activeRun === null || activeRun.runId === runId) {
    return [];
  }
  const found = await ledger.get('run', vaultId, activeRun.runId);
  if (found?.record.state !== 'RUNNING') {
    return [];
  }
  const { until: endedAt } = activeRun;
  const record: BackupRun = { ...found.record, state: 'FAILED', endedAt, failure: ABANDONED };
  return [{ record, expect: found.version }];
}
