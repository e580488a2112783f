import type { Erasure, LedgerRecord, Vault } from './records.ts';

/**
 * Queues of vaults that wait for the pipeline:
 * - `backup`: an active vault, at its `nextBackupAt`
 * - `erasure`: an open erasure past its request, at once or, while its grace runs, at the end of it
 */
export type Work = 'backup' | 'erasure';

/** Erasure states that wait for the pipeline and not for a person. */
const WORKED_ON: readonly Erasure['state'][] = [
  'APPROVED',
  'SUSPENDED',
  'SCHEDULED',
  'DESTROYED',
  'CANCELLING',
];

/** @returns what a record is queued for and since when, ISO 8601 in UTC; `null` for no queue. */
export function dueWork(record: LedgerRecord): { work: Work; dueAt: string } | null {
  if (record.kind === 'vault') {
    return dueBackup(record);
  }
  return record.kind === 'erasure' ? dueErasureStep(record) : null;
}

function dueBackup(vault: Vault): ReturnType<typeof dueWork> {
  if (vault.state !== 'ACTIVE' || vault.nextBackupAt === null) {
    return null;
  }
  return { work: 'backup', dueAt: vault.nextBackupAt };
}

function dueErasureStep(erasure: Erasure): ReturnType<typeof dueWork> {
  if (!WORKED_ON.includes(erasure.state)) {
    return null;
  }
  const graceUntil = erasure.state === 'SUSPENDED' ? erasure.graceUntil : null;
  return { work: 'erasure', dueAt: graceUntil ?? erasure.approvedAt ?? erasure.requestedAt };
}
