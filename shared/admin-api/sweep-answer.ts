import type { Snapshot } from '../domain/records.ts';
import type {
  SweepCount,
  SweepDisagreement,
  SweepReason,
  SweepRest,
  SweepResult,
  SweepStop,
} from '../domain/sweep-records.ts';

/** What a sweep would do now, and what the last one did. Versions count in both copies together. */
export interface SweepAnswer {
  readonly vaultId: string;
  /** Snapshots that would expire. */
  readonly expires: readonly Pick<Snapshot, 'snapshotId' | 'createdAt' | 'retainUntil'>[];
  /** What would be removed, by reason. */
  readonly removes: Readonly<Partial<Record<SweepReason, SweepCount>>>;
  readonly total: SweepCount;
  /** What nobody needs and is still locked. */
  readonly stays: SweepRest;
  readonly stored: SweepCount;
  /** The first of them. */
  readonly disagreements: readonly SweepDisagreement[];
  readonly disagreementCount: number;
  /** What would keep the sweep from removing anything; `null` for nothing. */
  readonly stopped: SweepStop | null;
  readonly last: SweepResult | null;
}
