import type { CopyName } from '../domain/copy-name.ts';
import type { Snapshot } from '../domain/records.ts';
import type {
  SweepCount,
  SweepDisagreement,
  SweepReason,
  SweepRest,
  SweepResult,
  SweepStop,
} from '../domain/sweep-records.ts';

/** One version that a sweep would remove from one copy. */
export interface DoomedVersionAnswer {
  /** Object key. */
  readonly key: string;
  readonly copy: CopyName;
  readonly versionId: string;
  readonly bytes: number;
  readonly reason: SweepReason;
  /** When its lock ended; `null` for what was never locked. */
  readonly unlockedSince: string | null;
}

/** What a sweep would do now. Versions count in both copies together. */
export interface SweepAnswer {
  readonly vaultId: string;
  /** Snapshots that would expire. */
  readonly expires: readonly Pick<Snapshot, 'snapshotId' | 'createdAt' | 'retainUntil'>[];
  /** What would be removed, by reason. */
  readonly removes: Readonly<Partial<Record<SweepReason, SweepCount>>>;
  readonly total: SweepCount;
  /** The first of them; `total` says how many there are. */
  readonly versions: readonly DoomedVersionAnswer[];
  /** What nobody needs and is still locked. */
  readonly stays: SweepRest;
  readonly stored: SweepCount;
  /** The first of them. */
  readonly disagreements: readonly SweepDisagreement[];
  readonly disagreementCount: number;
  /** What would keep the sweep from removing anything; `null` for nothing. */
  readonly stopped: SweepStop | null;
  /** Whether all of the vault was looked at before the time was over: else there may be more. */
  readonly isWhole: boolean;
}

/** What the last sweep of a vault did. */
export interface LastSweepAnswer {
  readonly vaultId: string;
  /** `null` before the first one. */
  readonly last: SweepResult | null;
}
