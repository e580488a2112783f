import type { Handover, VaultClosing } from '../domain/closing-records.ts';
import type { DispositionRuling } from '../domain/disposition.ts';
import type { Duty, Policy } from '../domain/policy.ts';
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

/** A duty to keep that goes with the records, and the last day it asks for; `null` for ever. */
export interface HandedDuty extends Duty {
  readonly lastDayKept: string | null;
}

/** The list by which records are handed over, one per vault (会计档案管理办法 24). */
export interface HandoverList {
  readonly vaultId: string;
  readonly clientReference: string;
  readonly clientName: string;
  readonly recordClass: string;
  /** The policy's title: what kind of papers these are. */
  readonly title: string;
  readonly records: number;
  /** Plaintext bytes. */
  readonly bytes: number;
  /** Days of the first and the last snapshot. */
  readonly firstSnapshot: string;
  readonly lastSnapshot: string;
  readonly finalSnapshotId: string;
  /** SHA-256 of the final snapshot's seal, which names every pack with its own. */
  readonly sealSha256: string;
  /** Each statutory period of the receiver, the latest end first; empty for none. */
  readonly duties: readonly HandedDuty[];
  /** The day the clocks are counted from. */
  readonly event: string;
  /** Who has confirmed that the records arrived; `null` before. */
  readonly handover: Omit<Handover, 'kind' | 'vaultId'> | null;
}
