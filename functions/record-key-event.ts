import { recordKeyEvent } from '../shared/erasure/record-key-event.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { keyEventOf, keyTrailEvent } from './events/key-event.ts';
import { type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Records what CloudTrail says was done to a key: the only proof of its destruction. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler(
    'record-key-event',
    services,
    keyTrailEvent,
    async (services, trailEvent) => {
      const event = keyEventOf(trailEvent);
      if (event === null) {
        return { recorded: false };
      }
      await recordKeyEvent(services, event);
      return { recorded: true, eventName: event.eventName, eventId: event.eventId };
    },
  );
}

export const handler = createHandler(awsServices());
