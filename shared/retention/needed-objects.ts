import { KeptRanges } from '../domain/kept-ranges.ts';
import { daysAfter, type Keeping } from '../domain/lock.ts';
import type { BackupRun, Pack, Snapshot, Vault } from '../domain/records.ts';
import type { SweepReason } from '../domain/sweep-records.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';

/**
 * Days after the end of its lease for which a run counts as at work: between two attempts it has
 * none for some minutes.
 */
const SILENT_DAYS = 1;

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
 * Reads the vault anew, and is to be asked before its snapshots are listed: so a run that commits
 * in between is at work here or has its snapshot there, and never neither.
 *
 * @returns the snapshot that the run which has the vault now is to become; `null` for none, and for
 * a run that was not heard of for so long that none will go on with it by itself.
 * @throws HoldfastError `VAULT_UNKNOWN`, `LEDGER_UNAVAILABLE`.
 */
export async function snapshotAtWork(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  vaultId: string,
): Promise<string | null> {
  const { record: vault } = await requireVault(ledger, vaultId);
  const { activeRun, state } = vault;
  const isSilent =
    activeRun === null || daysAfter(new Date(activeRun.until), SILENT_DAYS) < clock.now();
  if (isSilent || state === 'ERASED') {
    return null;
  }
  const run = await ledger.get('run', vaultId, activeRun.runId);
  return run?.record.state === 'RUNNING' ? draftIdOf(run.record) : null;
}

function draftIdOf({ progress, push }: BackupRun): string | null {
  return progress?.snapshotId ?? push?.snapshotId ?? null;
}
