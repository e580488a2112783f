import packageJson from '../package.json' with { type: 'json' };
import { certifyDueErasures } from '../shared/certificate/certify-erasure.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Certifies erasures that are complete and writes their tombstones. Destroys nothing. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('certify-erasures', services, anyEvent, async (services) => ({
    issued: await certifyDueErasures(services, packageJson.version),
  }));
}

export const handler = createHandler(awsServices());
