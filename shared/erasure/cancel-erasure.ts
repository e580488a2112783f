import { COPY_NAMES } from '../domain/copy-name.ts';
import { destructionBegan } from '../domain/destruction-began.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import { requireErasureTransition } from '../domain/states.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireErasure, requireOpenErasure } from './find-erasure.ts';
import { tellEraser } from './tell-eraser.ts';

/**
 * Cancels an erasure, or the restriction it began with; possible until a key is destroyed,
 * or is about to be. One
 * that waits for its approval is withdrawn by anybody alone. From then on it takes as many people
 * as the erasure itself: each calls this, and with the last of them the erasing function enables
 * the keys again and the vault goes back to where it came from. The process does not wait for them:
 * to stop it at once, place a hold.
 *
 * @returns the erasure as it stands after the erasing function was told.
 * @throws HoldfastError `ERASURE_UNKNOWN`, `TOO_LATE_TO_CANCEL`, `ALREADY_CANCELLED_BY`,
 * `VAULT_UNKNOWN`; `TRANSITION_FORBIDDEN` when it is being cancelled already.
 */
export async function cancelErasure(
  services: Pick<Services, 'ledger' | 'clock' | 'pipeline' | 'telemetry'>,
  actor: string,
  vaultId: string,
  { erasureId }: { erasureId: string },
): Promise<Erasure> {
  const complete = await changeVault(services, vaultId, async (vault) => {
    const stored = await requireOpenErasure(services.ledger, vault, erasureId);
    const at = services.clock.now().toISOString();
    const next = cancelledBy(stored.record, actor, at);
    const from = stored.record.state;
    return {
      vault,
      actor,
      action: ACTIONS[next.state] ?? 'erasure.cancel-requested',
      details: { erasureId, from, people: next.cancellations.length },
      also: [{ record: next, expect: stored.version }],
      result: next.state === 'CANCELLING',
    };
  });
  if (complete) {
    await tellEraser(services, vaultId);
  }
  return requireErasure(services.ledger, vaultId, erasureId);
}

/** What is written of the state an erasure came to by a cancellation. */
const ACTIONS: Partial<Record<Erasure['state'], string>> = {
  CANCELLED: 'erasure.withdrawn',
  CANCELLING: 'erasure.cancel-approved',
};

function cancelledBy(erasure: Erasure, by: string, at: string): Erasure {
  const { erasureId, vaultId, state } = erasure;
  const isGone = COPY_NAMES.some((copy) => erasure.evidence[copy] !== null);
  if (isGone || destructionBegan(erasure) !== null) {
    throw new HoldfastError('TOO_LATE_TO_CANCEL', { vaultId });
  }
  const to = state === 'REQUESTED' ? 'CANCELLED' : 'CANCELLING';
  requireErasureTransition(erasureId, state, to);
  if (erasure.cancellations.some((other) => other.by === by)) {
    throw new HoldfastError('ALREADY_CANCELLED_BY', { erasureId });
  }
  const cancellations = [...erasure.cancellations, { by, at }];
  if (to === 'CANCELLED') {
    return { ...erasure, cancellations, state: to, endedAt: at };
  }
  // Whoever requested it, and everybody who approved it.
  const needed = erasure.approvals.length + 1;
  return { ...erasure, cancellations, state: cancellations.length < needed ? state : to };
}
