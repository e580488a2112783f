import type { Answers } from '../admin-api/answers.ts';
import type { DoomedVersionAnswer } from '../admin-api/sweep-answer.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { previewSweep } from '../retention/preview-sweep.ts';
import type { DoomedObject } from '../retention/sweep-planner.ts';
import { sweepLimits } from '../retention/sweep-stop.ts';

/** The API waits 29 seconds; what is being asked when it is over must fit in what is left. */
const WORK_MS = 20_000;

/** Versions that are named. Each is about 300 bytes; an answer of a function has 6 MB at most. */
const MOST_NAMED = 10_000;

/**
 * @returns what a sweep of a vault would do now, as far as the time was enough to look.
 * @throws HoldfastError `VAULT_UNKNOWN`; as `previewSweep` does.
 */
export async function showSweep(
  services: Pick<Services, 'clock' | 'copies' | 'installation' | 'ledger'>,
  vaultId: string,
): Promise<Answers['showSweep']> {
  const limits = sweepLimits(services.installation);
  const start = services.clock.now().getTime();
  const hasTime = () => services.clock.now().getTime() - start < WORK_MS;
  const preview = await previewSweep(services, vaultId, limits, hasTime);
  const { expiring, plan, stopped } = preview;
  return {
    vaultId,
    expires: expiring.map(({ snapshotId, createdAt, retainUntil }) => ({
      snapshotId,
      createdAt,
      retainUntil,
    })),
    removes: plan.removes,
    total: plan.total,
    versions: plan.doomed.slice(0, MOST_NAMED).flatMap(versionsOf).slice(0, MOST_NAMED),
    stays: plan.stays,
    stored: plan.stored,
    disagreements: plan.disagreements,
    disagreementCount: plan.disagreementCount,
    stopped,
    isWhole: plan.isWhole,
  };
}

function versionsOf({ key, reason, versions, unlockedSince }: DoomedObject): DoomedVersionAnswer[] {
  return versions.map(({ copy, versionId, bytes }) => {
    const since = unlockedSince?.toISOString() ?? null;
    return { key, copy, versionId, bytes, reason, unlockedSince: since };
  });
}

/**
 * @returns what the last sweep of a vault did.
 * @throws HoldfastError `VAULT_UNKNOWN`.
 */
export async function showLastSweep(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<Answers['showLastSweep']> {
  await requireVault(ledger, vaultId);
  const upkeep = await ledger.get('upkeep', vaultId);
  return { vaultId, last: upkeep?.record.sweep ?? null };
}
