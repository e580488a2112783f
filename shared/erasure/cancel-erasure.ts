import { COPY_NAMES } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Erasure, Vault } from '../domain/records.ts';
import { requireErasureTransition } from '../domain/states.ts';
import type { Change, Ledger, Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { findOpenErasure, requireOpenErasure } from './find-erasure.ts';
import { tellEraser } from './tell-eraser.ts';

/**
 * Cancels an erasure; possible until a key is destroyed. The erasing function then enables the
 * keys again and the vault becomes ACTIVE.
 *
 * @returns the erasure as it stands after the erasing function was told.
 * @throws HoldfastError `ERASURE_UNKNOWN`, `TOO_LATE_TO_CANCEL`, `VAULT_UNKNOWN`.
 */
export async function cancelErasure(
  services: Pick<Services, 'ledger' | 'clock' | 'pipeline' | 'telemetry'>,
  actor: string,
  vaultId: string,
  { erasureId }: { erasureId: string },
): Promise<Erasure> {
  await changeVault(services, vaultId, async (vault) => {
    const stored = await requireOpenErasure(services.ledger, vault, erasureId);
    if (isDestroyedSomewhere(stored.record)) {
      throw new HoldfastError('TOO_LATE_TO_CANCEL', { vaultId });
    }
    const step = cancellation(vault, stored, actor, services.clock.now());
    return {
      vault: step.vault,
      actor,
      action: 'erasure.cancelled',
      details: { erasureId, from: stored.record.state },
      also: step.changes,
      result: null,
    };
  });
  await tellEraser(services, vaultId);
  const after = await services.ledger.get('erasure', vaultId, erasureId);
  if (after === undefined) {
    throw new HoldfastError('ERASURE_UNKNOWN', { vaultId });
  }
  return after.record;
}

interface CancelStep {
  readonly vault: Vault;
  readonly changes: readonly Change[];
}

/**
 * The changes by which a hold ends an erasure that is under way.
 * @returns `null` when there is nothing to cancel, or a key is destroyed already.
 */
export async function cancelStep(
  ledger: Ledger,
  vault: Vault,
  actor: string,
  now: Date,
): Promise<CancelStep | null> {
  const open = await findOpenErasure(ledger, vault);
  const beyond = open === undefined || isDestroyedSomewhere(open.record);
  if (beyond || open.record.state === 'CANCELLING') {
    return null;
  }
  return cancellation(vault, open, actor, now);
}

/** A request that nobody approved ends at once; later the keys must be enabled first. */
function cancellation(
  vault: Vault,
  stored: Stored<'erasure'>,
  actor: string,
  now: Date,
): CancelStep {
  const erasure = stored.record;
  const to = erasure.state === 'REQUESTED' ? 'CANCELLED' : 'CANCELLING';
  requireErasureTransition(erasure.erasureId, erasure.state, to);
  const endedAt = to === 'CANCELLED' ? now.toISOString() : null;
  const cancelled: Erasure = { ...erasure, state: to, cancelledBy: actor, endedAt };
  return { vault, changes: [{ record: cancelled, expect: stored.version }] };
}

function isDestroyedSomewhere(erasure: Erasure): boolean {
  return COPY_NAMES.some((copy) => erasure.evidence[copy] !== null);
}
