import type { Snapshot, Vault } from '../domain/records.ts';
import type { SweepStop } from '../domain/sweep-records.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { keepingFacts, keptInVault } from './kept-in-vault.ts';
import { snapshotAtWork } from './needed-objects.ts';
import { planSweep } from './plan-sweep.ts';
import { findUnsettled } from './settle-packs.ts';
import type { SweepPlan } from './sweep-planner.ts';
import { expiringNow, removedNow, type SweepLimits, sweepStop } from './sweep-stop.ts';

/** What a sweep would do if it ran now. */
export interface SweepPreview {
  readonly vault: Vault;
  /** Snapshots that would expire. */
  readonly expiring: readonly Snapshot[];
  readonly plan: SweepPlan;
  /** What would keep it from removing anything; `null` for nothing. */
  readonly stopped: SweepStop | null;
}

/**
 * Looks at what a sweep would do, and changes nothing.
 *
 * @param limits - as `sweepVault` says.
 * @param hasTime - when it is over, the plan is not whole.
 * @throws HoldfastError `VAULT_UNKNOWN`; as `findUnsettled` and `planSweep` do.
 */
export async function previewSweep(
  services: Pick<Services, 'clock' | 'copies' | 'ledger'>,
  vaultId: string,
  limits: SweepLimits,
  hasTime: () => boolean,
): Promise<SweepPreview> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const { news, isWhole } = await findUnsettled(services, vault, hasTime);
  const dropped = new Map([...news].map(([packId, { droppedBy }]) => [packId, droppedBy]));
  const atWork = await snapshotAtWork(services, vaultId);
  const { snapshots, keepings } = await keptInVault(services, vault);
  const { held } = await keepingFacts(services.ledger, vault);
  const due = snapshots.filter(
    ({ snapshotId, expiredAt }) => expiredAt === null && !keepings.has(snapshotId),
  );
  const kept = keepings.size;
  const now =
    vault.state === 'ERASED' ? due : await expiringNow(services, vault, { due, kept }, limits);
  const expiring = now ?? due;
  const left = snapshots.filter((one) => one.expiredAt === null && !expiring.includes(one));
  const basis = { vault, atWork, snapshots, left, dropped };
  const found = await planSweep(services, basis, hasTime);
  const plan = { ...found, isWhole: isWhole && found.isWhole };
  const going = now === null ? null : await removedNow(services, vault, plan, snapshots, limits);
  const stopped = sweepStop(vault, held, plan) ?? (going === null ? 'share' : null);
  return { vault, expiring, plan: going ?? plan, stopped };
}
