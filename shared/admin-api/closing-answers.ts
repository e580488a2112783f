import type { HandedRecords, Handover, VaultClosing } from '../domain/closing-records.ts';
import type { DispositionRuling } from '../domain/disposition.ts';
import type { Policy } from '../domain/policy.ts';
import type { VaultSource } from '../domain/records.ts';
import type { VaultState } from '../domain/states.ts';

/** What closing a client would mean. */
export interface ClosingPlan {
  readonly clientId: string;
  /** The day of what ends the work for the client. */
  readonly event: string;
  readonly vaults: readonly VaultClosingPlan[];
}

export interface VaultClosingPlan {
  readonly vaultId: string;
  readonly recordClass: string;
  readonly state: VaultState;
  readonly policyId: string;
  readonly role: Policy['role'];
  /** The day that its clocks are counted from in this plan. */
  readonly event: string;
  /** What that day must be by its rules, in words; empty when no clock runs. */
  readonly countedFrom: readonly string[];
  /** Whether that may be a later day than the one on which the work for the client ends. */
  readonly mayStartLater: boolean;
  readonly source: VaultSource['kind'];
  readonly holds: number;
  readonly lastSnapshotId: string | null;
  readonly lastSnapshotAt: string | null;
  /** Whether that day lies more than a year before the last snapshot, and must be confirmed. */
  readonly isLongAgo: boolean;
  /** Whether the last snapshot is young enough to be the final one, without being confirmed. */
  readonly isFinal: boolean;
  /** How it was closed already; `null` for one that was not. */
  readonly closing: VaultClosing | null;
  /** Each way to deal with it, and whether the law allows it. */
  readonly options: readonly DispositionRuling[];
}

/** The handover list of a vault: as it was confirmed, or as it would be today. */
export interface HandoverList extends HandedRecords {
  /** Who has confirmed that the records arrived; `null` before. */
  readonly handover: Omit<Handover, 'kind' | 'vaultId' | 'list'> | null;
}
