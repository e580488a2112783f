import type { Erasure, LedgerRecord, Snapshot, Vault } from './records.ts';

/**
 * Queues of vaults that wait for the pipeline:
 * - `backup`: an active vault, at its `nextBackupAt`
 * - `erasure`: an open erasure past its request, at once or, while its grace runs, at the end of it
 * - `repair`: a snapshot that lies in one copy only
 */
export type Work = 'backup' | 'erasure' | 'repair';

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
  switch (record.kind) {
    case 'vault':
      return dueBackup(record);
    case 'erasure':
      return dueErasureStep(record);
    case 'snapshot':
      return dueRepair(record);
    default:
      return null;
  }
}

function dueRepair({ protectionState, createdAt }: Snapshot): ReturnType<typeof dueWork> {
  return protectionState === 'single-copy' ? { work: 'repair', dueAt: createdAt } : null;
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
