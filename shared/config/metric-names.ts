/** CloudWatch namespace of every metric. No metric has a client or a vault as a dimension. */
export const METRIC_NAMESPACE = 'Holdfast';

/** Metrics the functions emit and `infra/` alarms on. */
export const METRICS = {
  /** Count: snapshots committed. */
  backupSucceeded: 'BackupSucceeded',
  /** Count: snapshots committed without some records of the source, which could not be read. */
  snapshotIncomplete: 'SnapshotIncomplete',
  /** Count: runs that gave up after their retries. */
  backupFailed: 'BackupFailed',
  /** Gauge, hours: the longest time any vault is past its last protected snapshot's due time. */
  backupStaleHours: 'BackupStaleHours',
  /** Gauge, hours: the longest time by which the work of any vault that may be lost is too much. */
  rpoExceededHours: 'RpoExceededHours',
  /** Gauge, count: kept snapshots with an object absent or unlocked in one copy. */
  singleCopySnapshots: 'SingleCopySnapshots',
  /** Gauge, count: copies of objects that a kept snapshot needs, locked for too short. */
  locksShort: 'LocksShort',
  /** Gauge, days: the longest time the extension of any such lock is late. */
  lockDelayDays: 'LockDelayDays',
  /** Gauge, count: copies of objects whose lock S3 was asked about, and its copy did not answer. */
  locksUnknown: 'LocksUnknown',
  /** Count: objects whose lock the daily renewal extended, in every copy that has them. */
  locksExtended: 'LocksExtended',
  /** Count, bytes: what the sweep removed, in both copies together. */
  sweptBytes: 'SweptBytes',
  /** Count: sweeps of a vault that removed nothing, because a person has to look first. */
  sweepStopped: 'SweepStopped',
  /** Gauge, count: vaults that lie in a copy and that the ledger does not have. */
  unknownVaults: 'UnknownVaults',
  /** Gauge, count: vaults on whose objects S3's legal holds are not as the ledger's holds ask. */
  legalHoldsBehind: 'LegalHoldsBehind',
  /** Count: vaults in which S3's legal holds were found to contradict the ledger. */
  legalHoldsDisputed: 'LegalHoldsDisputed',
  /** Count: key events, and states of keys, that the erasing process did not cause. */
  unexpectedKeyEvent: 'UnexpectedKeyEvent',
  /** Gauge, count: keys that were suspended days ago at most, and no event has told so. */
  keyEventsMissing: 'KeyEventsMissing',
  /** Count: events of the root key or the signing key, which nothing of Holdfast ever causes. */
  installationKeyEvent: 'InstallationKeyEvent',
  /** Gauge, count: vaults whose audit chain is broken, or is not the one that was signed. */
  brokenChains: 'BrokenChains',
  /** Count: attempts at what a rule forbids that no audit chain has. */
  denialLost: 'DenialLost',
  /** Gauge, days: days without a checkpoint before the one of today. */
  checkpointGapDays: 'CheckpointGapDays',
  /** Gauge, count: vaults that have a tombstone although their keys exist. */
  tombstoneDisputed: 'TombstoneDisputed',
  /** Count: vaults whose keys are destroyed in both Regions, with evidence. */
  vaultErased: 'VaultErased',
  /** Count: certificates that cannot be issued, once for each reason. */
  certificateRefused: 'CertificateRefused',
  /** Gauge, hours: the longest time any erasure is past its next step, or waits for people. */
  erasureOverdueHours: 'ErasureOverdueHours',
  /** Gauge, hours: the longest time by which the confirmation of any handover is overdue. */
  handoverOverdueHours: 'HandoverOverdueHours',
  /** Count: restores that ended with every record verified. */
  restoreSucceeded: 'RestoreSucceeded',
  restoreFailed: 'RestoreFailed',
  /** Count: drills that did not find everything whole. */
  drillFailed: 'DrillFailed',
  /** Gauge, days: the longest time by which the drill of any vault is overdue. */
  drillOverdueDays: 'DrillOverdueDays',
  /** Count: copies of objects that were read or asked for and are not what was written. */
  copyDamaged: 'CopyDamaged',
  /** Gauge, days: the longest time any byte of any copy was not read. */
  unverifiedDays: 'UnverifiedDays',
  /** Count, bytes: ciphertext that the daily verification read and found whole. */
  verifiedBytes: 'VerifiedBytes',
} as const;

export type MetricName = (typeof METRICS)[keyof typeof METRICS];
