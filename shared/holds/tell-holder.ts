import { isFault } from '../domain/errors.ts';
import type { Services } from '../ports/services.ts';

/**
 * Lets S3's legal holds of some vaults follow at once what the ledger now says. When the function
 * cannot be reached the decision stands all the same: the hourly pass finds it in the ledger.
 */
export async function tellHolder(
  { pipeline, telemetry }: Pick<Services, 'pipeline' | 'telemetry'>,
  vaultIds: readonly string[],
): Promise<void> {
  for (const vaultId of vaultIds) {
    try {
      await pipeline.applyHolds(vaultId);
    } catch (error) {
      if (!isFault(error, 'PIPELINE_UNAVAILABLE')) {
        throw error;
      }
      telemetry.event('holder.not-reached', { vaultId });
    }
  }
}
