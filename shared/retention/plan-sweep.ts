import type { PerCopy } from '../domain/copy-name.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import { vaultPrefix } from '../format/object-keys.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { snapshotObjects } from '../snapshot/written-parts.ts';
import { mergeByKey } from './merge-by-key.ts';
import { NeededObjects } from './needed-objects.ts';
import {
  type KnownObject,
  type SideRecord,
  type SweepPlan,
  SweepPlanner,
} from './sweep-planner.ts';
import { UnlistedObjects } from './unlisted-objects.ts';

type PlanningServices = Pick<Services, 'clock' | 'copies' | 'ledger'>;

/** What a plan is made of. */
export interface SweepBasis {
  readonly vault: Vault;
  /** As `snapshotAtWork` said before the snapshots were listed. */
  readonly atWork: string | null;
  /** Every snapshot that the ledger knows, ascending by id. */
  readonly snapshots: readonly Snapshot[];
  /** Those of them that have not expired, and are not to expire in this sweep. */
  readonly left: readonly Snapshot[];
  /** The snapshot that dropped a pack, or that none did, where the ledger says otherwise yet. */
  readonly dropped: ReadonlyMap<string, string | null>;
}

/**
 * Compares all that lies under a vault's prefix in both copies, delete markers and old versions
 * too, with what the ledger knows, in one walk over sorted lists. Of S3 it asks for both lists,
 * 1,000 versions at a time, and for the lock of each version that the ledger does not know.
 *
 * @param hasTime - asked before each object; when it is over the plan is not whole.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`: a sweep sees both copies or does
 * nothing; `LEDGER_UNAVAILABLE`.
 */
export async function planSweep(
  services: PlanningServices,
  { vault, atWork, snapshots, left, dropped }: SweepBasis,
  hasTime: () => boolean,
): Promise<SweepPlan> {
  const { vaultId } = vault;
  const { ledger, copies } = services;
  const needed = new NeededObjects(vault, left, atWork);
  const unlisted = new UnlistedObjects(ledger, vault, atWork);
  const planner = new SweepPlanner({ services, needed, unlisted, dropped });
  const groups = mergeByKey({
    known: listKnown(services, vaultId, snapshots),
    readings: keyed<Stored<'reading'>>(ledger.list('reading', { vaultId })),
    moves: keyed<Stored<'moved-object'>>(ledger.list('moved-object', { vaultId })),
    holds: keyed<Stored<'legal-hold'>>(ledger.list('legal-hold', { vaultId })),
    primary: copies.primary.list(vaultPrefix(vaultId)),
    secondary: copies.secondary.list(vaultPrefix(vaultId)),
  });
  for await (const { key, items } of groups) {
    if (!hasTime()) {
      return planner.plan(false);
    }
    const { known, moves, readings, holds, primary, secondary } = items;
    const listed: PerCopy<typeof primary> = { primary, secondary };
    const records = [...readings, ...holds].map(({ stored }) => stored);
    const left = planner.addMoved(moves[0]?.stored, listed);
    await planner.add(key, known[0], left, records);
  }
  return planner.plan(true);
}

/** In order of keys: `packs/` comes before `snapshots/`, and ids ascend in both (format.md 1.1). */
async function* listKnown(
  { ledger }: PlanningServices,
  vaultId: string,
  snapshots: readonly Snapshot[],
): AsyncGenerator<KnownObject> {
  for await (const stored of ledger.list('pack', { vaultId })) {
    const { key, size, sha256, versions, lockedUntil } = stored.record;
    yield { key, size, sha256, versions, lockedUntil, pack: stored, snapshotId: null };
  }
  for (const snapshot of snapshots) {
    const { snapshotId, lockedUntil } = snapshot;
    for (const { key, size, sha256, versions } of await snapshotObjects({ ledger }, snapshot)) {
      yield { key, size, sha256, versions, lockedUntil, pack: null, snapshotId };
    }
  }
}

async function* keyed<Of extends SideRecord | Stored<'moved-object'>>(
  records: AsyncIterable<Of>,
): AsyncGenerator<{ key: string; stored: Of }> {
  for await (const stored of records) {
    yield { key: stored.record.key, stored };
  }
}
