import { isFault } from '../domain/errors.ts';
import type { Services } from '../ports/services.ts';

/**
 * Lets the erasing function act at once on what the ledger now says. When it cannot be reached the
 * decision stands all the same: the hourly run finds it in the ledger.
 */
export async function tellEraser(
  services: Pick<Services, 'pipeline' | 'telemetry'>,
  vaultId: string,
): Promise<void> {
  try {
    await services.pipeline.advanceErasure(vaultId);
  } catch (error) {
    if (!isFault(error, 'PIPELINE_UNAVAILABLE')) {
      throw error;
    }
    services.telemetry.event('eraser.not-reached', { vaultId });
  }
}
