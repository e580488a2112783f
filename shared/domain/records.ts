import type { ChainEnd, InstallationAudit } from './audit-records.ts';
import type { CertificateRecord, TombstoneRecord } from './certificate-records.ts';
import type { ClientClosing, Handover, VaultClosing } from './closing-records.ts';
import type { CopyName, PerCopy } from './copy-name.ts';
import type { Drill } from './drill.ts';
import type { Erasure } from './erasure-records.ts';
import type { ClientHold, Hold, LegalHold } from './hold-records.ts';
import type { MovedObject, VaultMove } from './move-records.ts';
import type { PolicyPin, PolicyVersion, ReplacedPolicy } from './policy-records.ts';
import type { PackLife, Upkeep } from './retention-records.ts';
import type { Tier } from './rotation.ts';
import type { BackupShard, ManifestPart, RunProgress } from './run-records.ts';
import type { SkipCounts } from './skip-reason.ts';
import type { VaultState } from './states.ts';
import type {
  Coverage,
  ObjectReading,
  ProtectionCheck,
  Verification,
} from './verification-records.ts';

/**
 * What the ledger holds. Every record is replaced as a whole; the ledger guards each with a
 * version of its own (see `ports/ledger.ts`). Times are ISO 8601 instants in UTC.
 */
export type LedgerRecord =
  | Client
  | ClientReference
  | Vault
  | VaultClass
  | VaultKey
  | Snapshot
  | Pack
  | ManifestPart
  | BackupRun
  | BackupShard
  | Restore
  | Erasure
  | Hold
  | ClientHold
  | LegalHold
  | MovedObject
  | Handover
  | SeenKeyEvent
  | Verification
  | ObjectReading
  | Coverage
  | ProtectionCheck
  | CertificateRecord
  | TombstoneRecord
  | Upkeep
  | PolicyVersion
  | InstallationAudit
  | AuditEntry;

export type RecordKind = LedgerRecord['kind'];

export type RecordOf<Kind extends RecordKind> = Extract<LedgerRecord, { kind: Kind }>;

/** Whose records they are. The only place where a client's name is kept. */
export interface Client {
  readonly kind: 'client';
  readonly clientId: string;
  readonly name: string;
  /** The firm's own number for this client, unique among clients. */
  readonly reference: string;
  readonly registeredAt: string;
  readonly registeredBy: string;
  /** `null` while the firm works for the client. */
  readonly closing: ClientClosing | null;
  /** End of the client's audit chain. */
  readonly audit: ChainEnd;
}

/** Makes a client's reference unique. */
export interface ClientReference {
  readonly kind: 'client-reference';
  readonly reference: string;
  readonly clientId: string;
}

/** One client × one record class: the unit of keys, policy, lock, state and erasure. */
export interface Vault {
  readonly kind: 'vault';
  readonly vaultId: string;
  readonly clientId: string;
  readonly recordClass: string;
  readonly policyId: string;
  /** Stays at its version until it is assigned another. */
  readonly policyVersion: number;
  /** The policies it had before, the first one first; absent when it was assigned no other. */
  readonly replacedPolicies?: readonly ReplacedPolicy[];
  readonly state: VaultState;
  readonly source: VaultSource;
  /** KMS key ARN in each Region. */
  readonly keys: PerCopy<string>;
  /** Base64 of 32 random bytes encrypted under each key, to show later that it opens nothing. */
  readonly probes: PerCopy<string>;
  readonly createdAt: string;
  readonly createdBy: string;
  /** When the schedule is to back it up next; `null` when it takes none, or only pushes. */
  readonly nextBackupAt: string | null;
  readonly lastSnapshotId: string | null;
  readonly lastSnapshotAt: string | null;
  /** The last drill; `null` before the first. */
  readonly drill: Drill | null;
  /** The run that has the vault for itself until `until`. */
  readonly activeRun: { readonly runId: string; readonly until: string } | null;
  /** The run that gave up last and left shards; the next one may go on with them. */
  readonly unfinishedRunId?: string;
  /** Number of holds in force that touch the vault, whatever their scope. */
  readonly holds: number;
  /** How it was closed; `null` before. */
  readonly closing: VaultClosing | null;
  /** The erasure under way or completed. */
  readonly erasureId: string | null;
  /** Its move to other keys, under way or over; absent when there never was one. */
  readonly move?: VaultMove;
  /** End of the vault's audit chain. */
  readonly audit: ChainEnd;
}

/**
 * Where a vault's records come from: an S3 prefix that the pipeline reads, or a folder that is
 * pushed from somebody's machine. Which folder, the ledger does not know.
 */
export type VaultSource = S3VaultSource | { readonly kind: 'folder' };

export interface S3VaultSource extends SourceLocation {
  readonly kind: 's3';
}

/** An S3 prefix. */
export interface SourceLocation {
  readonly bucket: string;
  /** Prefix ending in `/`, or empty for the whole bucket. */
  readonly prefix: string;
  readonly region: string;
}

/** Makes a record class unique within a client. */
export interface VaultClass {
  readonly kind: 'vault-class';
  readonly clientId: string;
  readonly recordClass: string;
  readonly vaultId: string;
}

/** Finds the vault a key event is about. */
export interface VaultKey {
  readonly kind: 'vault-key';
  readonly keyArn: string;
  readonly vaultId: string;
  readonly copy: CopyName;
}

/** An object that lies in the copies: key, ciphertext size in bytes, lower-case hex SHA-256. */
export interface StoredObject {
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
  /** S3 version id in each copy; `null`: it was not there when this was written. */
  readonly versions: PerCopy<string | null>;
}

/** A committed point in time of a vault. */
export interface Snapshot extends PolicyPin {
  readonly kind: 'snapshot';
  readonly vaultId: string;
  readonly snapshotId: string;
  readonly runId: string;
  readonly createdAt: string;
  /** The tiers of its policy's rotation that it stands for, finest first; empty for an extra. */
  readonly tiers: readonly Tier[];
  /** Kept until then: the end of the longest of its tiers, decided at its creation. */
  readonly retainUntil: string;
  /** When it expired: nobody can restore it since, and its objects go as their locks end. */
  readonly expiredAt: string | null;
  /** End of the lock of its manifest and seal, as last written; the renewal moves it. */
  readonly lockedUntil: string;
  readonly seal: StoredObject;
  /** The keys it is read with, where a move has written it anew; else those of its vault. */
  readonly keys?: PerCopy<string>;
  readonly counts: SnapshotCounts;
  /**
   * - `protected`: all it consists of was written to and locked in both copies
   * - `single-copy`: a copy did not answer; it waits for its repair
   */
  readonly protectionState: 'protected' | 'single-copy';
}

export interface SnapshotCounts {
  /** Records in the snapshot and their plaintext bytes. */
  readonly records: number;
  readonly bytes: number;
  /** Records read from the source in this run and their plaintext bytes; the rest was unchanged. */
  readonly readRecords: number;
  readonly readBytes: number;
  /** Packs reachable from the snapshot and their ciphertext bytes in one copy. */
  readonly packs: number;
  readonly packBytes: number;
  /** Records of the source that could not be read; with any, the snapshot is incomplete. */
  readonly skipped: number;
  readonly skippedBy: SkipCounts;
}

/** An encrypted object holding many records. */
export interface Pack extends StoredObject {
  readonly kind: 'pack';
  readonly vaultId: string;
  readonly packId: string;
  /** The snapshot whose run wrote it; part of its encryption context. */
  readonly snapshotId: string;
  /** The run that wrote it: packs of a run that never committed are found by it. */
  readonly runId: string;
  /** End of its lock in every copy that `versions` names; the renewal moves it. */
  readonly lockedUntil: string;
  /**
   * The first snapshot behind all that name it; `null` while the last one does, and as long as the
   * daily work has not looked. With the one that wrote it, that says which snapshots need it.
   */
  readonly droppedBy: string | null;
  /** What is alive in it; `null` until the daily work has looked at the first snapshot with it. */
  readonly life: PackLife | null;
}

/** One attempt series to back a vault up, from its request to its end. */
export interface BackupRun {
  readonly kind: 'run';
  readonly vaultId: string;
  readonly runId: string;
  readonly state: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly endedAt: string | null;
  readonly snapshotId: string | null;
  /** Code of the error that ended it. */
  readonly failure: string | null;
  /** How far it is; only runs of the pipeline have it, from their first attempt to their commit. */
  readonly progress?: RunProgress;
  /** What was promised to whoever pushes a folder; only runs of a push have it. */
  readonly push?: PushDraft;
}

/** The snapshot that a push is to become. */
export interface PushDraft extends PolicyPin {
  readonly snapshotId: string;
  readonly createdAt: string;
  readonly tiers: readonly Tier[];
  readonly retainUntil: string;
  readonly lockedUntil: string;
  /** The snapshot it continues from. */
  readonly previousSnapshotId: string | null;
}

/** A restore to an S3 prefix, or the permission to read for a restore to a folder. */
export interface Restore {
  readonly kind: 'restore';
  readonly vaultId: string;
  readonly restoreId: string;
  readonly snapshotId: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  /** Globs over record paths; empty means all. They stay in the ledger. */
  readonly patterns: readonly string[];
  readonly from: CopyName | 'any';
  readonly target:
    | {
        readonly kind: 's3';
        readonly bucket: string;
        readonly prefix: string;
        readonly region: string;
      }
    | { readonly kind: 'folder' };
  readonly overwrite: boolean;
  readonly state: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'DELEGATED';
  readonly endedAt: string | null;
  readonly records: number;
  readonly bytes: number;
  readonly failure: string | null;
}

/** Remembers that a key event was recorded, so that a second delivery changes nothing. */
export interface SeenKeyEvent {
  readonly kind: 'key-event';
  /** The vault whose key it is, or `installation`. */
  readonly chainId: string;
  readonly eventId: string;
  /** Whether Holdfast itself caused it. What it did not is told again with every delivery. */
  readonly expected: boolean;
}

/** One link of an audit chain. */
export interface AuditEntry {
  readonly kind: 'audit';
  /** The vault or the client whose chain it is, or `installation`. */
  readonly chainId: string;
  /** 1 for the first entry. */
  readonly sequence: number;
  readonly at: string;
  /** ARN of the caller, or `holdfast:<function>` for the pipeline itself. */
  readonly actor: string;
  /** What happened, such as `backup.committed`. */
  readonly action: string;
  /**
   * - `done`: it happened
   * - `denied`: a rule forbade it, and nothing was changed
   * - `failed`: it was begun and did not succeed
   */
  readonly result: 'done' | 'denied' | 'failed';
  /** Why: the code of an error, or the rule that decided. Never what a person typed. */
  readonly reason: string | null;
  /**
   * Id of the request to the admin API, or of the Lambda invocation that did it: the function's log
   * says when that one started. `null` where there was neither.
   */
  readonly requestId: string | null;
  /** Ids, states and counts only: never a name or a path. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  /** Hash of the entry before, 64 zeros for the first. */
  readonly previous: string;
  /** Lower-case hex SHA-256 over this entry, see format.md. */
  readonly hash: string;
}
