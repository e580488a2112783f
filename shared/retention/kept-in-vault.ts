import { isInForce } from '../domain/hold-records.ts';
import { KeptRanges, type KeptSnapshot } from '../domain/kept-ranges.ts';
import { type KeepingFacts, keepingOf } from '../domain/kept-snapshots.ts';
import type { Keeping } from '../domain/lock.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';

/** A vault's snapshots, and which of them are kept. */
export interface KeptInVault {
  /** All that the ledger knows, expired ones among them, ascending by id. */
  readonly snapshots: readonly Snapshot[];
  /** How long each kept one is kept, by its id. */
  readonly keepings: ReadonlyMap<string, Keeping>;
  readonly ranges: KeptRanges;
}

/**
 * Reads which snapshots of a vault are kept.
 * @param leadDays - as `keepingOf` says.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function keptInVault(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  vault: Vault,
  leadDays = 0,
): Promise<KeptInVault> {
  const { vaultId } = vault;
  const now = clock.now();
  const facts = await keepingFacts(ledger, vault);
  const snapshots: Snapshot[] = [];
  const kept: KeptSnapshot[] = [];
  for await (const { record } of ledger.list('snapshot', { vaultId })) {
    snapshots.push(record);
    const keeping = keepingOf(record, facts, now, leadDays);
    if (keeping !== null) {
      kept.push({ snapshotId: record.snapshotId, keeping });
    }
  }
  const keepings = new Map(kept.map(({ snapshotId, keeping }) => [snapshotId, keeping]));
  return { snapshots, keepings, ranges: new KeptRanges(kept) };
}

/**
 * @param since - holds and closings that are younger do not count. @default all count
 * @returns what decides, beside their own ends, which snapshots of a vault are kept.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function keepingFacts(
  ledger: Ledger,
  { vaultId, state, lastSnapshotId, holds, closing }: Vault,
  since?: Date,
): Promise<KeepingFacts> {
  const held = holds > 0 ? await heldSnapshots(ledger, vaultId, since) : new Set<string>();
  return { isErased: state === 'ERASED', lastSnapshotId, held, final: finalOf(closing, since) };
}

function finalOf(closing: Vault['closing'], since: Date | undefined): KeepingFacts['final'] {
  if (closing === null || isYounger(closing.closedAt, since)) {
    return null;
  }
  const { finalSnapshotId: snapshotId, keepUntil } = closing;
  return { snapshotId, keepUntil: keepUntil === null ? null : new Date(keepUntil) };
}

async function heldSnapshots(
  ledger: Ledger,
  vaultId: string,
  since: Date | undefined,
): Promise<KeepingFacts['held']> {
  const held = new Set<string>();
  for await (const { record } of ledger.list('hold', { vaultId })) {
    if (isInForce(record) && !isYounger(record.placedAt, since)) {
      if (record.scope.kind !== 'snapshot') {
        return 'all';
      }
      held.add(record.scope.snapshotId);
    }
  }
  return held;
}

function isYounger(at: string, since: Date | undefined): boolean {
  return since !== undefined && new Date(at) > since;
}
