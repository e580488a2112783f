import type { Erasure } from './erasure-records.ts';
import type { Vault } from './records.ts';

/** What a vault's keys are to be. */
export type KeyTarget = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'Gone';

/**
 * What an erasure wants of its vault's keys. A hold beats it: nothing is destroyed while one is in
 * force, whatever was scheduled, and the erasure goes on by itself once the last is released. Only
 * once it is written that the keys are now deleted, no hold is heeded: none is accepted any more.
 *
 * @returns `null` when it wants nothing: nobody approved it, or the keys are destroyed.
 */
export function keyTarget(
  { holds }: Pick<Vault, 'holds'>,
  { state, graceUntil }: Pick<Erasure, 'state' | 'graceUntil'>,
  now: Date,
): KeyTarget | null {
  switch (state) {
    case 'APPROVED':
      return 'Disabled';
    case 'SUSPENDED':
    case 'SCHEDULED': {
      const isOver = graceUntil !== null && Date.parse(graceUntil) <= now.getTime();
      return isOver && holds === 0 ? 'PendingDeletion' : 'Disabled';
    }
    case 'DESTROYING':
      return 'Gone';
    case 'CANCELLING':
      return 'Enabled';
    default:
      return null;
  }
}
