import { isFault } from '../domain/errors.ts';
import { requireVault } from '../registry/find-vault.ts';
import { lockOfRewrite } from '../retention/needed-lock.ts';
import { type RemainingMs, type RepairServices, repairSnapshot } from './repair-snapshot.ts';

/** What one pass over the queue has done. */
export interface RepairSummary {
  /** Snapshots that are protected now. */
  readonly repaired: number;
  /** Snapshots that still wait: a copy is down, or the time was up. */
  readonly waiting: number;
}

/** Failures that the next pass may not meet. */
const NEXT_TIME = ['COPY_UNAVAILABLE', 'LEDGER_CONFLICT'] as const;

/**
 * Repairs every snapshot that lies in one copy only, as far as the copies answer. One that cannot
 * be repaired does not keep the others waiting. Left alone are snapshots that have ended, and
 * vaults that are erased or about to be.
 *
 * @param remainingMs - default: there is no end.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`; at the end of the pass, the first failure that
 * repeating cannot cure: `COPY_DENIED`, `OBJECT_MISSING`, `OBJECT_DAMAGED`.
 */
export async function repairCopies(
  services: RepairServices,
  remainingMs: RemainingMs = () => Number.POSITIVE_INFINITY,
): Promise<RepairSummary> {
  const vaultIds = new Set<string>();
  for await (const vaultId of services.ledger.due('repair', services.clock.now())) {
    vaultIds.add(vaultId);
  }
  const failures: unknown[] = [];
  let [repaired, waiting] = [0, 0];
  for (const vaultId of vaultIds) {
    for await (const stored of wantingSnapshots(services, vaultId)) {
      try {
        const isDone = await repairSnapshot(services, stored, remainingMs);
        repaired += isDone ? 1 : 0;
        waiting += isDone ? 0 : 1;
      } catch (error) {
        const { snapshotId } = stored.record;
        const failure = isFault(error) ? error.code : 'UNEXPECTED';
        services.telemetry.event('repair.waits', { vaultId, snapshotId, failure });
        waiting += 1;
        if (!isFault(error, ...NEXT_TIME)) {
          failures.push(error);
        }
      }
    }
  }
  services.telemetry.event('repair.pass', { repaired, waiting });
  if (failures.length > 0) {
    throw failures[0];
  }
  return { repaired, waiting };
}

async function* wantingSnapshots(services: RepairServices, vaultId: string) {
  const { ledger } = services;
  const { record: vault } = await requireVault(ledger, vaultId);
  if (vault.state === 'ERASE_PENDING' || vault.state === 'ERASED') {
    return;
  }
  for await (const stored of ledger.list('snapshot', { vaultId })) {
    const isWanting = stored.record.protectionState === 'single-copy';
    if (isWanting && (await lockOfRewrite(services, stored.record)) !== null) {
      yield stored;
    }
  }
}
