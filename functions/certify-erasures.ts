import packageJson from '../package.json' with { type: 'json' };
import { certifyDueErasures, certifyErasure } from '../shared/certificate/certify-erasure.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { dueEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for the certificates that are being issued, and for handing over. */
const RESERVE_MS = 60_000;

/**
 * Certifies the erasure of one vault, or all that are complete, and writes their tombstones.
 * Destroys nothing.
 */
export function createHandler(services: Services): WorkerHandler {
  const { version } = packageJson;
  return workerHandler(
    'certify-erasures',
    services,
    dueEvent,
    async (services, event, remainingMs) => {
      const hasTime = () => remainingMs() > RESERVE_MS;
      const issued =
        'vaultId' in event
          ? Number(await certifyErasure(services, event.vaultId, version))
          : await certifyDueErasures(services, version, { ...event, hasTime });
      return { issued };
    },
  );
}

export const handler = createHandler(awsServices());
