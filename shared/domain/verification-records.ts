import type { CopyName, PerCopy } from './copy-name.ts';

/** A verification of one snapshot that somebody asked for, from its request to its result. */
export interface Verification {
  readonly kind: 'verification';
  readonly vaultId: string;
  readonly verificationId: string;
  readonly snapshotId: string;
  /**
   * - `quick`: both copies were asked about every object
   * - `deep`: every object was also read from both copies, and every record compared
   */
  readonly depth: 'quick' | 'deep';
  readonly requestedBy: string;
  readonly requestedAt: string;
  /** `SUCCEEDED`: everything was looked at and nothing was found. */
  readonly state: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  readonly endedAt: string | null;
  /** What was looked at and found to be as it should. */
  readonly copies: PerCopy<VerifiedCounts>;
  /** The first of what was found. */
  readonly findings: readonly VerificationFinding[];
  /** All that was found, also what is not listed. */
  readonly findingCount: number;
  /** Code of the error that kept it from looking at everything, or of what was found. */
  readonly failure: string | null;
  /** Where the next invocation goes on: packs of this copy that are done; `null` at the start. */
  readonly position: { readonly copy: CopyName; readonly packs: number } | null;
}

export interface VerifiedCounts {
  /** Objects found to be as they should, and their ciphertext bytes. */
  readonly objects: number;
  readonly bytes: number;
  /** Records found to be what the manifest names; 0 in a quick verification. */
  readonly records: number;
  /** Objects that are not in this copy yet: written while it was down, and not repaired. */
  readonly absent: number;
}

/** Something that is not as it should be. It names an object, never a record. */
export interface VerificationFinding {
  readonly copy: CopyName;
  /** Object key. */
  readonly object: string;
  readonly problem: string;
}

/** What reading an object's copies as a whole has shown. */
export interface ObjectReading {
  readonly kind: 'reading';
  readonly vaultId: string;
  /** Object key. */
  readonly key: string;
  readonly copies: PerCopy<CopyReading | null>;
}

export interface CopyReading {
  /** S3 version that was read. */
  readonly versionId: string;
  /** When all of it was last read and was what had been written; `null` for never. */
  readonly verifiedAt: string | null;
  /** What was wrong at the last reading; `null` when nothing was. */
  readonly problem: string | null;
}

/** How much of a vault was read, as the last daily verification left it. */
export interface Coverage {
  readonly kind: 'coverage';
  readonly vaultId: string;
  readonly at: string;
  readonly copies: PerCopy<CopyCoverage>;
}

export interface CopyCoverage {
  /** Ciphertext bytes that the copy is to hold. */
  readonly bytes: number;
  /** Of these, bytes that were read at least once and were what had been written. */
  readonly verifiedBytes: number;
  /** The earliest time at which any of the verified bytes were read last. */
  readonly since: string | null;
  /** Objects that were not what had been written when they were read last. */
  readonly damaged: number;
}

/** What S3 answered when it was asked after a vault last. Only the hourly check writes it. */
export interface ProtectionCheck {
  readonly kind: 'protection';
  readonly vaultId: string;
  /** Of the newest snapshot at that time; `null` while none was asked after. */
  readonly newest: CheckedSnapshot | null;
  /** When the locks of everything that kept snapshots need were asked after; `null` for never. */
  readonly locksAskedAt: string | null;
}

export interface CheckedSnapshot {
  readonly snapshotId: string;
  /** A state of `SnapshotProtection`, or the code of the error that kept from asking. */
  readonly state: string;
  readonly askedAt: string;
}
