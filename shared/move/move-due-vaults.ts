import type { Services } from '../ports/services.ts';
import { passOverDue, requireNoFailure } from '../registry/pass-over-due.ts';
import { timeToMove } from './move-limits.ts';
import { type MovingServices, moveVault, type RemainingMs } from './move-vault.ts';
import { tellMover } from './tell-mover.ts';

/**
 * Goes on with every move that is under way, whatever becomes of the others. An invocation whose
 * time is over lets the next one go on.
 *
 * @returns how many vaults have their new keys now.
 * @throws the first failure, after all were tried; `LEDGER_UNAVAILABLE`.
 */
export async function moveDueVaults(
  services: MovingServices & Pick<Services, 'pipeline' | 'telemetry'>,
  remainingMs: RemainingMs,
): Promise<number> {
  let isCutOff = false;
  const step = async (vaultId: string): Promise<boolean> => {
    const isDone = await moveVault(services, vaultId, remainingMs);
    isCutOff ||= !isDone && remainingMs() < timeToMove(0);
    return isDone;
  };
  const end = await passOverDue(services, { work: 'move', failed: 'move.failed' }, step);
  requireNoFailure(end);
  if (isCutOff) {
    await tellMover(services);
  }
  return end.count;
}
