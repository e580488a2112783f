import {
  type ClientAnswer,
  type ClientHoldAnswer,
  type ErasureAnswer,
  type HoldAnswer,
  type KeptSnapshotAnswer,
  type ProtectionAnswer,
  type RestoreAnswer,
  type RunAnswer,
  type VaultAnswer,
  withoutKind,
} from '../../shared/admin-api/answers.ts';
import type { ErasurePlanAnswer, ErasureStatus } from '../../shared/admin-api/erasure-answers.ts';
import type { ChangedHold } from '../../shared/admin-api/hold-answer.ts';
import { BUILT_IN_POLICIES } from '../../shared/domain/policy.ts';
import { describePlan } from '../../shared/erasure/describe-plan.ts';
import { explainRules } from '../../shared/queries/show-policy.ts';
import { sampleErasure } from '../support/sample-erasure.ts';

export const CLIENT = '01KB1T7Q8ZJ4Y6V3N5M2X9W0RC';
export const VAULT = '01KB1T8R9ZJ4Y6V3N5M2X9W0RC';
export const RUN = '01KB1T9S0ZJ4Y6V3N5M2X9W0RC';
export const SNAPSHOT = '01KB1TAS0ZJ4Y6V3N5M2X9W0RC';
export const HOLD = '01KB1TAT1ZJ4Y6V3N5M2X9W0RC';
export const ERASURE = '01KB1TBV2ZJ4Y6V3N5M2X9W0RC';

const AT = '2026-11-02T08:00:00.000Z';
const WHO = 'arn:aws:iam::111122223333:user/operator';

export function client(): ClientAnswer {
  return {
    clientId: CLIENT,
    name: '莲花贸易有限公司',
    reference: 'C-1042',
    registeredAt: AT,
    registeredBy: WHO,
    closing: null,
  };
}

export function vault(): VaultAnswer {
  const key = { arn: 'arn:aws:kms:eu-central-1:111122223333:key/k', deletionDate: null };
  return {
    vaultId: VAULT,
    clientId: CLIENT,
    recordClass: 'books',
    policyId: 'consent-only',
    policyVersion: 1,
    tier: 'dedicated',
    state: 'ACTIVE',
    source: { kind: 's3' as const, bucket: 'firm', prefix: 'clients/1/', region: 'eu-central-1' },
    createdAt: AT,
    createdBy: WHO,
    nextBackupAt: AT,
    lastSnapshotId: null,
    lastSnapshotAt: null,
    drill: null,
    policy: BUILT_IN_POLICIES[0] ?? null,
    rules: explainRules(BUILT_IN_POLICIES[0]),
    reviewOverdue: false,
    keys: { primary: { ...key, state: 'Enabled' }, secondary: { ...key, state: 'Unknown' } },
    activeRun: null,
    recoveryPoint: { rpoHours: 48, ageHours: 12.5, exceededHours: 0 },
    holds: [hold()],
    closing: null,
    move: null,
    erasure: null,
    verified: null,
    auditEntries: 1,
  };
}

export function run(changes: Partial<RunAnswer> = {}): RunAnswer {
  return {
    vaultId: VAULT,
    runId: RUN,
    state: 'RUNNING',
    requestedBy: WHO,
    requestedAt: AT,
    endedAt: null,
    snapshotId: null,
    failure: null,
    ...changes,
  };
}

export function snapshot(
  changes: Partial<ProtectionAnswer> = {},
): KeptSnapshotAnswer & { protection: ProtectionAnswer } {
  const copy = {
    present: 3,
    missing: 0,
    short: 0,
    due: 0,
    earliestLockEnd: AT,
    unasked: 0,
    answered: true,
  };
  return {
    vaultId: VAULT,
    snapshotId: SNAPSHOT,
    runId: RUN,
    createdAt: AT,
    policyId: 'consent-only',
    policyVersion: 1,
    tiers: ['daily'],
    retainUntil: AT,
    lockedUntil: AT,
    expiredAt: null,
    kept: { by: 'end', until: AT, holds: 0 },
    counts: {
      records: 2,
      bytes: 2048,
      readRecords: 1,
      readBytes: 1024,
      packs: 1,
      packBytes: 999,
      skipped: 0,
      skippedBy: {},
    },
    incomplete: false,
    protectionState: 'protected',
    protection: {
      objects: 3,
      copies: { primary: copy, secondary: copy },
      state: 'protected',
      checked: null,
      ...changes,
    },
  };
}

export function restore(changes: Partial<RestoreAnswer> = {}): RestoreAnswer {
  return {
    vaultId: VAULT,
    restoreId: RUN,
    snapshotId: SNAPSHOT,
    requestedBy: WHO,
    requestedAt: AT,
    patterns: [],
    from: 'any',
    target: { kind: 's3', bucket: 'back', prefix: 'here/', region: 'eu-central-1' },
    overwrite: false,
    state: 'RUNNING',
    endedAt: null,
    records: 0,
    bytes: 0,
    failure: null,
    ...changes,
  };
}

const HOLD_TERMS = {
  holdId: HOLD,
  reason: 'tax audit',
  reference: '2026-118',
  placedBy: WHO,
  placedAt: AT,
  releaseRequest: null,
  releasedBy: null,
  releasedAt: null,
};

export function hold(changes: Partial<HoldAnswer> = {}): HoldAnswer {
  const scope = { kind: 'vault' } as const;
  return { vaultId: VAULT, scope, ...HOLD_TERMS, appliedAt: null, liftedAt: null, ...changes };
}

export function changedHold(changes: Partial<ChangedHold> = {}): ChangedHold {
  return { ...hold(), vaultHolds: 1, erasureBegun: null, ...changes };
}

export function clientHold(changes: Partial<ClientHoldAnswer> = {}): ClientHoldAnswer {
  return { clientId: CLIENT, ...HOLD_TERMS, settledAt: null, ...changes };
}

export function erasure(changes: Partial<ErasureAnswer> = {}): ErasureAnswer {
  return { ...withoutKind(sampleErasure(VAULT, ERASURE)), ...changes };
}

export function erasureStatus(changes: Partial<ErasureStatus> = {}): ErasureStatus {
  return { ...erasure(), holds: [], ...changes };
}

export function plan(): ErasurePlanAnswer {
  const { vaultId, erasureId, statements, decision, plan: planned } = erasure();
  const { requestedBy: by, reason } = erasure();
  const request = { by, reason };
  const subject = { vaultId, erasureId, request, statements, decision, plan: planned };
  return { ...subject, says: describePlan(subject, 'Asia/Shanghai') };
}
