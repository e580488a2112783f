import { CHAIN_START, NO_ENTRIES } from '../../shared/domain/audit-chain.ts';
import type { ClientHold, Hold, LegalHold } from '../../shared/domain/hold-records.ts';
import { BUILT_IN_POLICIES, type Policy } from '../../shared/domain/policy.ts';
import type { PolicyVersion } from '../../shared/domain/policy-records.ts';
import type { AuditEntry, Client, Pack, Snapshot, Vault } from '../../shared/domain/records.ts';
import type { BackupShard, ManifestPart } from '../../shared/domain/run-records.ts';
import type { Coverage, ObjectReading } from '../../shared/domain/verification-records.ts';

const AT = '2026-11-02T08:00:00.000Z';
const BOTH = { primary: 'version-1', secondary: 'version-2' };
const OBJECT = { key: 'vaults/x/packs/y', size: 3, sha256: 'ab'.repeat(32), versions: BOTH };

/** Valid ledger records for tests that care only about some of their fields. */
export function sampleClient(clientId: string, rest: Partial<Client> = {}): Client {
  return {
    kind: 'client',
    clientId,
    name: '上海示例有限公司',
    reference: `reference-${clientId}`,
    registeredAt: AT,
    registeredBy: 'arn:aws:iam::111122223333:user/operator',
    closing: null,
    audit: NO_ENTRIES,
    ...rest,
  };
}

export function sampleVault(vaultId: string, rest: Partial<Vault> = {}): Vault {
  return {
    kind: 'vault',
    vaultId,
    clientId: 'unknown-client',
    recordClass: 'engagement',
    policyId: 'engagement-10y',
    policyVersion: 1,
    state: 'ACTIVE',
    source: {
      kind: 's3' as const,
      bucket: 'records',
      prefix: 'clients/1/',
      region: 'eu-central-1',
    },
    keys: { primary: `key-1-${vaultId}`, secondary: `key-2-${vaultId}` },
    probes: { primary: 'cHJvYmU=', secondary: 'cHJvYmU=' },
    createdAt: AT,
    createdBy: 'arn:aws:iam::111122223333:user/operator',
    nextBackupAt: AT,
    lastSnapshotId: null,
    lastSnapshotAt: null,
    drill: null,
    activeRun: null,
    holds: 0,
    closing: null,
    erasureId: null,
    audit: NO_ENTRIES,
    ...rest,
  };
}

export function sampleSnapshot(
  vaultId: string,
  snapshotId: string,
  rest: Partial<Snapshot> = {},
): Snapshot {
  const counts = { records: 1, bytes: 1, readRecords: 1, readBytes: 1, packs: 1, packBytes: 1 };
  return {
    kind: 'snapshot',
    vaultId,
    snapshotId,
    runId: 'unknown-run',
    createdAt: AT,
    policyId: 'engagement-10y',
    policyVersion: 1,
    tiers: ['daily'],
    retainUntil: '2026-12-07T16:00:00.000Z',
    expiredAt: null,
    lockedUntil: '2026-12-10T00:00:00.000Z',
    seal: OBJECT,
    counts: { ...counts, skipped: 0, skippedBy: {} },
    protectionState: 'protected',
    ...rest,
  };
}

export function samplePack(vaultId: string, packId: string, rest: Partial<Pack> = {}): Pack {
  const lockedUntil = '2026-12-10T00:00:00.000Z';
  return {
    kind: 'pack',
    vaultId,
    packId,
    snapshotId: 'unknown',
    runId: 'unknown',
    lockedUntil,
    droppedBy: null,
    life: null,
    ...OBJECT,
    ...rest,
  };
}

export function samplePart(vaultId: string, snapshotId: string, part: number): ManifestPart {
  const counts = { records: 1, bytes: 1, readRecords: 1, readBytes: 1, skipped: 0, skippedBy: {} };
  const content = { counts, packs: { 'unknown-pack': 1 } };
  const names = { kind: 'manifest-part', vaultId, snapshotId, runId: 'unknown', part } as const;
  return { ...names, ...OBJECT, content };
}

export function sampleShard(vaultId: string, snapshotId: string, shard: number): BackupShard {
  const pending = { part: 3, packId: 'unknown-pack' };
  const range = { range: 'c2FtcGxl', reachesEnd: false };
  const names = { kind: 'shard', vaultId, snapshotId, shard } as const;
  return { ...names, ...range, nextPart: 3, pending, isDone: false };
}

const HOLD_TERMS = {
  reason: 'litigation',
  reference: '(2026)沪01民初1号',
  placedBy: 'arn:aws:iam::111122223333:user/operator',
  placedAt: AT,
  releaseRequest: null,
  releasedBy: null,
  releasedAt: null,
};

export function sampleHold(vaultId: string, holdId: string, rest: Partial<Hold> = {}): Hold {
  const scope = { kind: 'vault' } as const;
  const dates = { appliedAt: null, liftedAt: null };
  return { kind: 'hold', vaultId, holdId, scope, ...HOLD_TERMS, ...dates, ...rest };
}

export function sampleClientHold(
  clientId: string,
  holdId: string,
  rest: Partial<ClientHold> = {},
): ClientHold {
  return { kind: 'client-hold', clientId, holdId, ...HOLD_TERMS, settledAt: null, ...rest };
}

export function sampleLegalHold(vaultId: string, key: string): LegalHold {
  const on = { primary: 'version-1', secondary: null };
  return { kind: 'legal-hold', vaultId, key, on, confirmed: false };
}

export function samplePolicy(policyId: string, version: number): PolicyVersion {
  const { statute: _, ...builtIn } = BUILT_IN_POLICIES[0] as Policy;
  return {
    kind: 'policy',
    policyId,
    version,
    document: { ...builtIn, id: policyId, version },
    createdAt: AT,
    createdBy: 'arn:aws:iam::111122223333:user/operator',
    approval: 'not-needed',
    approvedAt: null,
    approvedBy: null,
  };
}

export function sampleAuditEntry(chainId: string, sequence: number): AuditEntry {
  return {
    kind: 'audit',
    chainId,
    sequence,
    at: AT,
    actor: 'holdfast:run-backup',
    action: 'backup.committed',
    result: 'done',
    reason: null,
    requestId: null,
    details: { packs: 2, note: null, ok: true },
    previous: CHAIN_START,
    hash: 'cd'.repeat(32),
  };
}

export function sampleReading(vaultId: string, key: string): ObjectReading {
  const reading = { versionId: 'version-1', verifiedAt: AT, problem: null };
  return { kind: 'reading', vaultId, key, copies: { primary: reading, secondary: null } };
}

export function sampleCoverage(vaultId: string): Coverage {
  const copy = { bytes: 3, verifiedBytes: 3, since: AT, damaged: 0 };
  return { kind: 'coverage', vaultId, at: AT, copies: { primary: copy, secondary: copy } };
}
