import { KeptRanges } from '../domain/kept-ranges.ts';
import type { Keeping } from '../domain/lock.ts';
import type { BackupRun, Pack, Snapshot, Vault } from '../domain/records.ts';
import type { SweepReason } from '../domain/sweep-records.ts';
import type { Ledger } from '../ports/ledger.ts';

/** Any keeping will do: only whether a snapshot is left matters here. */
const LEFT: Keeping = { promised: new Date(0), until: null };

/** @param left - snapshots that have not expired, ascending by id. */
export function leftRanges(left: readonly Snapshot[]): KeptRanges {
  return new KeptRanges(left.map(({ snapshotId }) => ({ snapshotId, keeping: LEFT })));
}

/**
 * Tells which objects of a vault somebody still needs. Whatever a snapshot names that has not
 * expired is needed, however long its end is past, and so is all that the run at work has written.
 */
export class NeededObjects {
  readonly #vault: Vault;
  readonly #left: ReadonlySet<string>;
  readonly #ranges: KeptRanges;
  readonly #atWork: string | null;

  /**
   * @param left - snapshots that have not expired, ascending by id.
   * @param atWork - the snapshot that the run at work is to become; `null` for none.
   */
  constructor(vault: Vault, left: readonly Snapshot[], atWork: string | null) {
    this.#vault = vault;
    this.#left = new Set(left.map(({ snapshotId }) => snapshotId));
    this.#ranges = leftRanges(left);
    this.#atWork = atWork;
  }

  /** @returns why a pack is to be removed; `null` while it is needed. */
  whyPack(pack: Pick<Pack, 'snapshotId' | 'droppedBy'>): SweepReason | null {
    if (this.#vault.state === 'ERASED') {
      return 'erased';
    }
    if (this.#ranges.keepingOf(pack) !== null || pack.snapshotId === this.#atWork) {
      return null;
    }
    const { droppedBy, snapshotId } = pack;
    return droppedBy === null || droppedBy === snapshotId ? 'orphan' : 'unneeded';
  }

  /** @returns why a snapshot's own objects are to be removed; `null` while they are needed. */
  whySnapshot(snapshotId: string): SweepReason | null {
    if (this.#vault.state === 'ERASED') {
      return 'erased';
    }
    return this.#left.has(snapshotId) ? null : 'expired';
  }
}

/**
 * @returns the snapshot that the run which has the vault now is to become; `null` for none.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function snapshotAtWork(
  ledger: Ledger,
  { vaultId, activeRun }: Vault,
): Promise<string | null> {
  const run = activeRun && (await ledger.get('run', vaultId, activeRun.runId));
  return run?.record.state === 'RUNNING' ? draftIdOf(run.record) : null;
}

function draftIdOf({ progress, push }: BackupRun): string | null {
  return progress?.snapshotId ?? push?.snapshotId ?? null;
}
