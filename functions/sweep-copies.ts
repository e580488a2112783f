import type { Services } from '../shared/ports/services.ts';
import { sweepCopies, sweepOnRequest } from '../shared/retention/sweep-copies.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { sweepEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for what is being removed when it begins, for recording it and for handing over. */
const RESERVE_MS = 60_000;

/** Lets snapshots expire and removes what nobody needs from both copies. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'sweep-copies',
    services,
    sweepEvent,
    async (services, event, remainingMs) => {
      const hasTime = () => remainingMs() > RESERVE_MS;
      if ('vaultId' in event) {
        const { expired, removed, stopped } = (await sweepOnRequest(services, event, hasTime))
          .result;
        return { vaultId: event.vaultId, expired, ...removed, stopped };
      }
      return sweepCopies(services, hasTime, event.after);
    },
  );
}

export const handler = createHandler(awsServices());
