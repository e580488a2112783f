import type { Services } from '../shared/ports/services.ts';
import { verifyShare } from '../shared/verify/verify-share.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { anyEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/** Left for recording what was read; what is being read when it begins is given up. */
const RESERVE_MS = 60_000;

/** Reads the daily share of both copies, so that every byte is read within 100 days. */
export function createHandler(services: Services): WorkerHandler {
  return workerHandler('verify-share', services, anyEvent, (services, _event, remainingMs) =>
    verifyShare(services, () => remainingMs() > RESERVE_MS),
  );
}

export const handler = createHandler(awsServices());
