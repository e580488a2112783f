import { isFault } from '../domain/errors.ts';
import type { Services } from '../ports/services.ts';

/**
 * Lets the moving function begin at once. When it cannot be reached the move stands all the same:
 * the hourly run finds it in the ledger.
 */
export async function tellMover(services: Pick<Services, 'pipeline' | 'telemetry'>): Promise<void> {
  try {
    await services.pipeline.startMoves();
  } catch (error) {
    if (!isFault(error, 'PIPELINE_UNAVAILABLE')) {
      throw error;
    }
    services.telemetry.event('mover.not-reached', {});
  }
}
