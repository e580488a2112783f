import type { ChainBreak } from '../domain/audit-chain.ts';
import type { Handover, VaultClosing } from '../domain/closing-records.ts';
import type { PerCopy } from '../domain/copy-name.ts';
import type { Drill } from '../domain/drill.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import type { ClientHold, Hold } from '../domain/hold-records.ts';
import { type KeyTier, tierOf } from '../domain/key-tier.ts';
import type { Policy } from '../domain/policy.ts';
import type { PolicyVersion } from '../domain/policy-records.ts';
import type {
  AuditEntry,
  BackupRun,
  Client,
  Restore,
  Snapshot,
  SnapshotCounts,
  StoredObject,
  Vault,
  VaultSource,
} from '../domain/records.ts';
import type { RecoveryPoint } from '../domain/recovery-point.ts';
import type { LegalRule } from '../domain/retention-preset.ts';
import type { Tier } from '../domain/rotation.ts';
import type { VaultState } from '../domain/states.ts';
import type { Coverage, Verification } from '../domain/verification-records.ts';
import type { ClosingPlan, HandoverList } from './closing-answers.ts';
import type { ErasurePlanAnswer, ErasureStatus } from './erasure-answers.ts';
import type { ChangedHold } from './hold-answer.ts';
import type { InstallationAnswer } from './installation-answer.ts';
import type { KeptAnswer } from './kept-answer.ts';
import { type MoveAnswer, presentMove } from './move-answer.ts';
import type {
  CertificateAnswer,
  CertificateSummary,
  ExportAnswer,
  SignedHeadAnswer,
  SigningKeyAnswer,
} from './proof-answers.ts';
import type { PushAnswer, PushRenewalAnswer } from './push-answers.ts';
import type { LedgerStatus, RebuildPage } from './rebuild-answers.ts';
import type { LastSweepAnswer, SweepAnswer } from './sweep-answer.ts';

/**
 * Answers of the admin API. Times are ISO 8601 instants in UTC, sizes bytes, ids ULIDs. A record
 * of the ledger is answered without its `kind`; a vault also without its probe ciphertexts.
 */
export interface Answers {
  readonly addClient: ClientAnswer;
  readonly listClients: ClientPage;
  readonly addVault: VaultSummary;
  readonly moveVault: VaultSummary;
  readonly listVaults: { readonly vaults: readonly VaultSummary[] };
  readonly showVault: VaultAnswer;
  /** Those of one policy in ascending order of their versions. */
  readonly listPolicies: { readonly policies: readonly ListedPolicy[] };
  readonly showPolicy: PolicyAnswer;
  readonly addPolicy: PolicyVersionAnswer;
  readonly approvePolicy: PolicyVersionAnswer;
  readonly assignPolicy: VaultSummary;
  readonly listPresets: { readonly presets: readonly LegalRule[] };
  readonly showPreset: LegalRule;
  readonly runBackup: RunAnswer;
  readonly showBackup: RunAnswer;
  readonly beginPush: PushAnswer;
  readonly renewPush: PushRenewalAnswer;
  readonly commitPush: SnapshotAnswer;
  readonly abandonPush: RunAnswer;
  /** Newest first. */
  readonly listSnapshots: { readonly snapshots: readonly KeptSnapshotAnswer[] };
  readonly showSnapshot: KeptSnapshotAnswer & { readonly protection: ProtectionAnswer };
  readonly requestRestore: RestoreRequestAnswer;
  readonly showRestore: RestoreAnswer;
  readonly showSweep: SweepAnswer;
  readonly showLastSweep: LastSweepAnswer;
  readonly requestSweep: { readonly vaultId: string; readonly requestedAt: string };
  readonly requestVerification: VerificationAnswer;
  readonly showVerification: VerificationAnswer;
  readonly planErasure: ErasurePlanAnswer;
  readonly requestErasure: ErasureAnswer;
  readonly approveErasure: ErasureAnswer;
  readonly cancelErasure: ErasureAnswer;
  readonly showErasure: ErasureStatus;
  readonly placeHold: ChangedHold;
  readonly listHolds: { readonly holds: readonly HoldAnswer[] };
  readonly requestRelease: ChangedHold;
  readonly approveRelease: ChangedHold;
  readonly placeClientHold: ClientHoldAnswer;
  readonly listClientHolds: { readonly holds: readonly ClientHoldAnswer[] };
  readonly requestClientRelease: ClientHoldAnswer;
  readonly approveClientRelease: ClientHoldAnswer;
  readonly rebuildLedger: RebuildPage;
  readonly showLedger: LedgerStatus;
  readonly reconcileLedger: LedgerStatus;
  /** Oldest first. */
  readonly listCertificates: { readonly certificates: readonly CertificateSummary[] };
  readonly showCertificate: CertificateAnswer;
  readonly showSigningKey: SigningKeyAnswer;
  readonly showClient: ClientDetails;
  readonly planClosing: ClosingPlan;
  readonly closeClient: ClientAnswer;
  readonly closeVault: VaultSummary;
  readonly listHandover: HandoverList;
  readonly confirmHandover: Omit<Handover, 'kind'>;
  readonly showCheckpoint: { readonly checkpoint: SignedHeadAnswer | null };
  readonly exportAudit: ExportAnswer;
  readonly showAudit: AuditPage;
}

/** Records as they are answered: those of the ledger without their `kind`. */
export type ClientAnswer = Omit<Client, 'kind' | 'audit'>;
export type RunAnswer = Omit<BackupRun, 'kind' | 'progress'>;
export type RestoreAnswer = Omit<Restore, 'kind'>;
export type VerificationAnswer = Omit<Verification, 'kind'>;
export type CoverageAnswer = Omit<Coverage, 'kind' | 'vaultId'>;
export type ErasureAnswer = Omit<Erasure, 'kind'>;
export type HoldAnswer = Omit<Hold, 'kind'>;
export type ClientHoldAnswer = Omit<ClientHold, 'kind'>;
export type KeptSnapshotAnswer = SnapshotAnswer & { readonly kept: KeptAnswer };
export type AuditEntryAnswer = Omit<AuditEntry, 'kind'>;

/** `next` is the `after` of the next page, `null` on the last. */
export interface ClientPage {
  readonly clients: readonly ClientAnswer[];
  readonly next: string | null;
}

/** A client with all that belongs to it. */
export interface ClientDetails extends ClientAnswer {
  readonly vaults: readonly VaultSummary[];
  /** Holds on the client as a whole, oldest first, also those that were released. */
  readonly holds: readonly ClientHoldAnswer[];
}

/** A vault as a list shows it. */
export interface VaultSummary {
  readonly vaultId: string;
  readonly clientId: string;
  readonly recordClass: string;
  readonly policyId: string;
  readonly policyVersion: number;
  /** How its keys are kept. */
  readonly tier: KeyTier;
  readonly state: VaultState;
  readonly source: VaultSource;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly nextBackupAt: string | null;
  readonly lastSnapshotId: string | null;
  readonly lastSnapshotAt: string | null;
  /** Number of holds in force. */
  readonly holds: number;
  /** How it was closed; `null` before. */
  readonly closing: VaultClosing | null;
  /** Its move to other keys, under way or over; `null` when there never was one. */
  readonly move: MoveAnswer | null;
}

/** A vault with all that belongs to it. */
export interface VaultAnswer extends Omit<VaultSummary, 'holds'> {
  /** `null` when this version does not know the vault's policy. */
  readonly policy: Policy | null;
  /** The policy's legal rules, each with its grade. */
  readonly rules: readonly LegalRule[];
  /** Whether the day by which somebody was to look at that law again has passed. */
  readonly reviewOverdue: boolean;
  readonly keys: PerCopy<KeyAnswer>;
  readonly activeRun: Vault['activeRun'];
  /** The age of its newest snapshot; `null` when it is not ACTIVE or its policy is not known. */
  readonly recoveryPoint: RecoveryPoint | null;
  /** The last drill; `null` before the first. */
  readonly drill: Drill | null;
  /** Holds in force. */
  readonly holds: readonly HoldAnswer[];
  /** The latest erasure, whatever became of it. */
  readonly erasure: ErasureAnswer | null;
  /** How much of it was read from the copies, as of `at`; `null` before the first daily run. */
  readonly verified: CoverageAnswer | null;
  readonly auditEntries: number;
}

/** How a version of a policy came to be; a built-in has no author. */
export type PolicyVersionAnswer = Omit<PolicyVersion, 'kind' | 'document'>;

export interface ListedPolicy extends Policy {
  /** `null` for a built-in. */
  readonly added: PolicyVersionAnswer | null;
  /** Whether the day by which somebody was to look at the law again has passed. */
  readonly reviewOverdue: boolean;
}

/** A version of a policy and the law it stands on. */
export interface PolicyAnswer {
  readonly policy: Policy;
  /** `null` for a built-in. */
  readonly added: PolicyVersionAnswer | null;
  /** Where vaults of it would lie. */
  readonly installation: InstallationAnswer;
  /** Whether the date by which somebody was to look at the law again has passed. */
  readonly reviewOverdue: boolean;
  readonly rules: readonly LegalRule[];
  /** `null` when no event was asked for. */
  readonly retention: RetentionAnswer | null;
}

/** Until when a policy's law keeps a record. Dates are days such as `2055-12-31`. */
export interface RetentionAnswer {
  readonly event: string;
  /** `null` when it is kept for ever. */
  readonly lastDayKept: string | null;
  /** The instant at which that day ends in the policy's zone; `null` when that is never. */
  readonly eraseDue: string | null;
  /** Every rule of the policy, the latest end first. */
  readonly because: readonly {
    readonly presetId: string;
    readonly lastDayKept: string | null;
    /** Whether no other rule ends later. */
    readonly decides: boolean;
  }[];
}

/** A key and what its Region's key service says of it; `Unknown` when it did not answer. */
export interface KeyAnswer {
  readonly arn: string;
  readonly state: 'Enabled' | 'Disabled' | 'PendingDeletion' | 'Gone' | 'Other' | 'Unknown';
  readonly deletionDate: string | null;
}

/** What the ledger says of a snapshot. */
export interface SnapshotAnswer {
  readonly vaultId: string;
  readonly snapshotId: string;
  readonly runId: string;
  readonly policyId: string;
  readonly policyVersion: number;
  readonly createdAt: string;
  /** The points in time it is kept for, finest first; empty for an extra one. */
  readonly tiers: readonly Tier[];
  readonly retainUntil: string;
  readonly lockedUntil: string;
  /** When it was expired; from then on it cannot be restored. `null` while it is kept. */
  readonly expiredAt: string | null;
  readonly counts: SnapshotCounts;
  /** Whether records of the source could not be read: `counts` says how many, and why. */
  readonly incomplete: boolean;
  /** What the ledger says; `showSnapshot` also asks S3 itself. */
  readonly protectionState: Snapshot['protectionState'];
}

/** What S3 itself says of a snapshot's objects. */
export interface ProtectionAnswer {
  /** Objects the snapshot needs: manifest, seal and packs. */
  readonly objects: number;
  readonly copies: PerCopy<{
    readonly present: number;
    readonly missing: number;
    /** Present objects that are locked neither for the policy's minimum nor to its end. */
    readonly short: number;
    /** Present objects whose lock is sound, and is to be extended by the next renewal. */
    readonly due: number;
    readonly earliestLockEnd: string | null;
    /** Objects there was no time to ask for: the answer has to be there within seconds. */
    readonly unasked: number;
    /** False when the copy could not be asked; its counts mean nothing then. */
    readonly answered: boolean;
  }>;
  /**
   * - `protected`: every object is present and locked long enough in both copies, if need be until
   *   the next renewal
   * - `single-copy`: every object is so in at least one copy
   * - `damaged`: an object is so in neither
   * - `unknown`: a copy did not answer, or not everything was asked for
   */
  readonly state: 'protected' | 'single-copy' | 'damaged' | 'unknown';
  /**
   * What the hourly check was told when it asked for everything; `null` when it has not asked, or
   * has asked for a newer snapshot since.
   */
  readonly checked: { readonly state: string; readonly askedAt: string } | null;
}

/** The plan is there for a folder only: that restore runs on the caller's machine. */
export interface RestoreRequestAnswer {
  readonly restore: RestoreAnswer;
  readonly plan: PlanAnswer | null;
  /** Where the copies lie. */
  readonly installation: InstallationAnswer;
}

/** What a restore needs to know of the ledger; everything else is in the copies. */
export interface PlanAnswer {
  readonly vaultId: string;
  readonly snapshotId: string;
  /** The vault's KMS key ARN in each Region. */
  readonly keys: PerCopy<string>;
  readonly seal: StoredObject;
}

/** One page of an audit chain, with the outcome of checking the whole of it. */
export interface AuditPage {
  readonly entries: readonly AuditEntryAnswer[];
  /** `after` of the next page, `null` on the last. */
  readonly next: number | null;
  readonly chain: {
    /** Whether the page is whole, follows what is before it, and on the last page is the end. */
    readonly whole: boolean;
    /** Entries it has, as its vault, its client or the installation says. */
    readonly entries: number;
    /** Hash of the last of them, from the same place. */
    readonly head: string;
    /** Sequence number of the first entry of the page that is changed, missing or out of place. */
    readonly brokenAt: number | null;
    /** What is wrong with it. */
    readonly problem: ChainBreak['what'] | null;
  };
}

/** @returns a ledger record as the API answers it. */
export function withoutKind<T extends { readonly kind: string }>(record: T): Omit<T, 'kind'> {
  const { kind: _, ...answer } = record;
  return answer;
}

/** @returns a client as the API answers it. */
export function presentClient({ kind: _, audit: _chain, ...client }: Client): ClientAnswer {
  return client;
}

/** @returns how a version of a policy came to be. */
export function presentVersion(record: PolicyVersion): PolicyVersionAnswer {
  const { kind: _, document: __, ...answer } = record;
  return answer;
}

/** @returns what a list shows of a vault. */
export function summarizeVault(vault: Vault): VaultSummary {
  const { vaultId, clientId, recordClass, state, source, createdAt, createdBy } = vault;
  const { policyId, policyVersion } = vault;
  const { nextBackupAt, lastSnapshotId, lastSnapshotAt, holds, closing } = vault;
  return {
    ...{ vaultId, clientId, recordClass, policyId, policyVersion, state, source },
    ...{ tier: tierOf(vault.keys), createdAt, createdBy },
    ...{ nextBackupAt, lastSnapshotId, lastSnapshotAt, holds, closing },
    move: presentMove(vault),
  };
}

/** @returns what the ledger knows of a snapshot that callers may see. */
export function presentSnapshot(snapshot: Snapshot): SnapshotAnswer {
  const { vaultId, snapshotId, runId, createdAt, tiers, retainUntil, lockedUntil } = snapshot;
  const { expiredAt, policyId, policyVersion, counts, protectionState } = snapshot;
  return {
    ...{ vaultId, snapshotId, runId, createdAt, tiers, retainUntil, lockedUntil, expiredAt },
    ...{ policyId, policyVersion, counts, incomplete: counts.skipped > 0, protectionState },
  };
}

/** @returns how much of a vault was read. */
export function presentCoverage({ at, copies }: Coverage): CoverageAnswer {
  return { at, copies };
}
