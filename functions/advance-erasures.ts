import { advanceDueErasures, advanceErasure } from '../shared/erasure/advance-erasure.ts';
import { endDueMoves } from '../shared/move/end-move.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { eraserEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for the steps that are being taken, and for handing over. */
const RESERVE_MS = 60_000;

/**
 * Takes the next steps of one vault's erasure, or of every erasure that is due; enables the keys of
 * a vault that nobody erases when it is asked to. Destroys the keys that moved vaults gave up.
 */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'advance-erasures',
    services,
    eraserEvent,
    async (services, event, remainingMs) => {
      if ('vaultId' in event) {
        const { vaultId, restore } = event;
        await advanceErasure(services, vaultId, { restore: restore === 'keys' });
        return { vaultId };
      }
      const hasTime = () => remainingMs() > RESERVE_MS;
      // Neither keeps the other from being done.
      const [erasures, moves] = await Promise.allSettled([
        advanceDueErasures(services, { ...event, hasTime }),
        event.after === undefined ? endDueMoves(services) : 0,
      ]);
      return { advanced: resultOf(erasures), movesEnded: resultOf(moves) };
    },
  );
}

/** @throws what it failed with. */
function resultOf<Value>(outcome: PromiseSettledResult<Value>): Value {
  if (outcome.status === 'rejected') {
    throw outcome.reason;
  }
  return outcome.value;
}

export const handler = createHandler(awsServices());
