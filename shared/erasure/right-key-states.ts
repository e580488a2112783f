import type { CopyName } from '../domain/copy-name.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import { keyTarget } from '../domain/key-target.ts';
import { daysAfter } from '../domain/lock.ts';
import type { Vault } from '../domain/records.ts';
import type { KeyState } from '../ports/key-custody.ts';

type State = KeyState['state'];

/** So long after a change of our own a key service may still say what was before. */
const SETTLING_MS = 3_600_000;

/**
 * What a key of a vault may rightly be at this moment, as the ledger sees it: what is wanted, and
 * what it is while the erasing function has not come by yet.
 *
 * @param latest - the vault's latest erasure, whatever became of it.
 * @returns `null` while nothing can be said: the vault or its erasure has changed within the hour,
 * the erasing function is at work, or the keys are destroyed.
 */
export function rightKeyStates(
  vault: Vault,
  latest: Erasure | undefined,
  copy: CopyName,
  now: Date,
): readonly State[] | null {
  if (vault.state === 'ERASED' || isSettling(vault, latest, now)) {
    return null;
  }
  const isOver = latest !== undefined && keyTarget(vault, latest, now) === 'PendingDeletion';
  switch (latest?.state) {
    case 'SUSPENDED':
      return [
        'Disabled',
        ...(isOver ? (['PendingDeletion'] as const) : []),
        ...(latest.evidence[copy] === null ? [] : (['Gone'] as const)),
      ];
    case 'SCHEDULED':
      // One that is gone is waited for: its event comes, or its absence is the evidence.
      return isOver ? ['PendingDeletion', 'Gone'] : ['PendingDeletion', 'Disabled'];
    case 'APPROVED':
    case 'CANCELLING':
    case 'DESTROYING':
    case 'DESTROYED':
      return null;
    default:
      return ['Enabled'];
  }
}

function isSettling({ createdAt }: Vault, latest: Erasure | undefined, now: Date): boolean {
  const { suspendedAt, endedAt, deletionDates, plan } = latest ?? {};
  const scheduled = Object.values(deletionDates ?? {}).map((date) =>
    date === null ? null : daysAfter(new Date(date), -(plan?.windowDays ?? 0)).toISOString(),
  );
  const changes = [createdAt, suspendedAt, endedAt, ...scheduled];
  return changes.some((at) => at && now.getTime() - Date.parse(at) < SETTLING_MS);
}
