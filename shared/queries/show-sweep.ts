import type { Answers } from '../admin-api/answers.ts';
import type { Services } from '../ports/services.ts';
import { previewSweep } from '../retention/preview-sweep.ts';

/**
 * @returns what a sweep of a vault would do now, and what the last one did.
 * @throws HoldfastError `VAULT_UNKNOWN`; as `previewSweep` does.
 */
export async function showSweep(
  services: Pick<Services, 'clock' | 'copies' | 'installation' | 'ledger'>,
  vaultId: string,
): Promise<Answers['showSweep']> {
  const { maxSweepShare } = services.installation;
  const always = () => true;
  const { expiring, plan, stopped } = await previewSweep(services, vaultId, maxSweepShare, always);
  const upkeep = await services.ledger.get('upkeep', vaultId);
  return {
    vaultId,
    expires: expiring.map(({ snapshotId, createdAt, retainUntil }) => ({
      snapshotId,
      createdAt,
      retainUntil,
    })),
    removes: plan.removes,
    total: plan.total,
    stays: plan.stays,
    stored: plan.stored,
    disagreements: plan.disagreements,
    disagreementCount: plan.disagreementCount,
    stopped,
    last: upkeep?.record.sweep ?? null,
  };
}
