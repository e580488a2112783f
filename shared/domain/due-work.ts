import { HANDOVER_DAYS } from './closing-records.ts';
import { REQUEST_DAYS } from './erasure-deadline.ts';
import type { Erasure } from './erasure-records.ts';
import type { ClientHold, Hold } from './hold-records.ts';
import { daysAfter } from './lock.ts';
import { openMove } from './move-records.ts';
import type { LedgerRecord, Snapshot, Vault } from './records.ts';

/**
 * Queues of vaults that wait for the pipeline:
 * - `backup`: an active vault, at its `nextBackupAt`
 * - `retention-end`: a closed vault, from the time on at which it is to be erased, or at which its
 *   handover should have been confirmed
 * - `move`: a vault whose snapshots are to be written anew under other keys
 * - `old-keys`: a vault that was moved, from the time on at which its old keys are destroyed
 * - `erasure`: an approved erasure, at once or, while its grace or its restriction runs, at the end
 *   of that, never when that is for ever; a request that nobody decides, when it is overdue
 * - `certificate`: an erasure that is complete and not certified, or whose ciphertext is gone and
 *   that is not certified
 * - `repair`: a snapshot that lies in one copy only
 * - `hold`: a hold in force, for what it came to cover, or one whose S3 holds are to be lifted
 * - `client-hold`: clients with a hold of their own that is in force, or was released
 */
export type Work =
  | 'backup'
  | 'retention-end'
  | 'move'
  | 'old-keys'
  | 'erasure'
  | 'certificate'
  | 'repair'
  | 'hold'
  | 'client-hold';

/** States of erasures that are looked at; a request that waits for people, when it waits long. */
const WORKED_ON: readonly Erasure['state'][] = [
  'REQUESTED',
  'APPROVED',
  'SUSPENDED',
  'SCHEDULED',
  'DESTROYING',
  'DESTROYED',
  'CANCELLING',
];

/** @returns what a record is queued for and since when, ISO 8601 in UTC; `null` for no queue. */
export function dueWork(record: LedgerRecord): { work: Work; dueAt: string } | null {
  switch (record.kind) {
    case 'vault':
      return openMove(record) ? dueMove(record) : (dueBackup(record) ?? dueEnd(record));
    case 'erasure':
      return dueErasureStep(record);
    case 'snapshot':
      return dueRepair(record);
    case 'hold':
      return dueHold(record);
    case 'client-hold':
      return dueClientHold(record);
    default:
      return null;
  }
}

/** @returns the id under which a record is queued: its vault's, or its client's. */
export function workOwner(record: LedgerRecord): string {
  if ('vaultId' in record) {
    return record.vaultId;
  }
  return 'clientId' in record ? record.clientId : '';
}

function dueHold({ placedAt, releasedAt, liftedAt }: Hold): ReturnType<typeof dueWork> {
  return liftedAt === null ? { work: 'hold', dueAt: releasedAt ?? placedAt } : null;
}

function dueClientHold({ placedAt, settledAt }: ClientHold): ReturnType<typeof dueWork> {
  return settledAt === null ? { work: 'client-hold', dueAt: placedAt } : null;
}

function dueRepair({
  protectionState,
  createdAt,
  expiredAt,
}: Snapshot): ReturnType<typeof dueWork> {
  const waits = protectionState === 'single-copy' && expiredAt === null;
  return waits ? { work: 'repair', dueAt: createdAt } : null;
}

/** While it is moved, a vault is neither backed up nor erased. */
function dueMove({ move }: Vault): ReturnType<typeof dueWork> {
  if (move === undefined) {
    return null;
  }
  const { state, begunAt, destroyAt } = move;
  return state === 'COPYING'
    ? { work: 'move', dueAt: begunAt }
    : { work: 'old-keys', dueAt: destroyAt ?? begunAt };
}

function dueBackup(vault: Vault): ReturnType<typeof dueWork> {
  if (vault.state !== 'ACTIVE' || vault.nextBackupAt === null) {
    return null;
  }
  return { work: 'backup', dueAt: vault.nextBackupAt };
}

/** A vault that is to be handed over waits until somebody has confirmed that it was. */
function dueEnd({ state, closing }: Vault): ReturnType<typeof dueWork> {
  if (!(state === 'CLOSED' || state === 'HANDED_OVER') || !closing?.keepUntil) {
    return null;
  }
  if (state === 'CLOSED' && closing.disposition === 'hand-over') {
    const dueAt = daysAfter(new Date(closing.closedAt), HANDOVER_DAYS).toISOString();
    return { work: 'retention-end', dueAt };
  }
  return { work: 'retention-end', dueAt: closing.keepUntil };
}

function dueErasureStep(erasure: Erasure): ReturnType<typeof dueWork> {
  if (erasure.state === 'ERASED') {
    return dueCertificate(erasure);
  }
  if (!WORKED_ON.includes(erasure.state)) {
    return null;
  }
  if (erasure.state === 'SUSPENDED') {
    return erasure.graceUntil === null ? null : { work: 'erasure', dueAt: erasure.graceUntil };
  }
  return { work: 'erasure', dueAt: erasure.approvedAt ?? waitsLong(erasure) };
}

/** From when on a request is reported that nobody approves or withdraws. */
function waitsLong({ requestedAt }: Erasure): string {
  return daysAfter(new Date(requestedAt), REQUEST_DAYS).toISOString();
}

function dueCertificate(erasure: Erasure): ReturnType<typeof dueWork> {
  const { certificateId, endedAt, ciphertextRemovedAt, removalCertificateId } = erasure;
  if (certificateId === null) {
    return { work: 'certificate', dueAt: endedAt ?? erasure.requestedAt };
  }
  return ciphertextRemovedAt === null || removalCertificateId !== null
    ? null
    : { work: 'certificate', dueAt: ciphertextRemovedAt };
}
