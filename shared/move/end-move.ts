import { inBothCopies } from '../domain/copy-name.ts';
import { openMove, type VaultMove } from '../domain/move-records.ts';
import { switchKeys } from '../erasure/switch-keys.ts';
import { listObjectHolds } from '../holds/covered-objects.ts';
import { isToSwitch } from '../holds/switch-legal-holds.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireVault } from '../registry/find-vault.ts';
import { passOverDue, requireNoFailure } from '../registry/pass-over-due.ts';

type EndingServices = Pick<Services, 'clock' | 'destruction' | 'ledger' | 'telemetry'>;

/** Name under which the erasing function writes into the audit chain. */
const ACTOR = 'holdfast:advance-erasures';

/**
 * Destroys the old keys of every vault that was moved, when what began with them has ended: from
 * then on the versions of before the move are readable for nobody. A move has ended when neither
 * Region's key store has an entry of them.
 *
 * @returns how many moves have ended.
 * @throws the first failure, after all were tried; `LEDGER_UNAVAILABLE`.
 */
export async function endDueMoves(services: EndingServices): Promise<number> {
  const queue = { work: 'old-keys', failed: 'move.end-failed' } as const;
  const end = await passOverDue(services, queue, (vaultId) => endMove(services, vaultId));
  requireNoFailure(end);
  return end.count;
}

async function endMove(services: EndingServices, vaultId: string): Promise<boolean> {
  const { ledger, destruction, telemetry } = services;
  const { record: vault } = await requireVault(ledger, vaultId);
  const move = openMove(vault);
  if (move?.state !== 'SWITCHED') {
    return false;
  }
  if (await isHoldBehind(services, vaultId)) {
    telemetry.event('move.waits-for-holds', { vaultId, moveId: move.moveId });
    return false;
  }
  await switchKeys(destruction, { keys: move.from }, 'Gone', 0);
  const states = await inBothCopies((copy) => destruction.state(move.from[copy]));
  if (states.primary.state !== 'Gone' || states.secondary.state !== 'Gone') {
    return false;
  }
  await recordEnd(services, vaultId, move);
  return true;
}

/** What is held is to be held as it is now, before what it was is lost. */
async function isHoldBehind({ ledger }: EndingServices, vaultId: string): Promise<boolean> {
  const holds = await Array.fromAsync(ledger.list('hold', { vaultId }), ({ record }) => record);
  if (holds.length === 0) {
    return false;
  }
  for await (const object of listObjectHolds({ ledger }, vaultId, holds)) {
    if (isToSwitch(object)) {
      return true;
    }
  }
  return false;
}

async function recordEnd(
  services: EndingServices,
  vaultId: string,
  { moveId, from }: VaultMove,
): Promise<void> {
  const { clock } = services;
  await changeVault(services, vaultId, async (vault) => {
    const { move } = vault;
    if (move?.moveId !== moveId || move.state !== 'SWITCHED') {
      return null;
    }
    const ended: VaultMove = { ...move, state: 'DONE', endedAt: clock.now().toISOString() };
    return {
      vault: { ...vault, move: ended },
      actor: ACTOR,
      action: 'move.ended',
      details: { moveId, primaryGone: from.primary, secondaryGone: from.secondary },
      also: [],
      result: undefined,
    };
  });
}
