import { citeArticle } from '../../shared/domain/cited-law.ts';
import type { Erasure } from '../../shared/domain/erasure-records.ts';

const AT = '2026-11-02T08:00:00.000Z';
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/k';

/** An erasure that waits for its approval, with any fields changed. */
export function sampleErasure(
  vaultId: string,
  erasureId: string,
  rest: Partial<Erasure> = {},
): Erasure {
  return {
    kind: 'erasure',
    vaultId,
    erasureId,
    state: 'REQUESTED',
    reason: 'end of contract',
    requestedBy: 'arn:aws:iam::111122223333:user/operator',
    requestedAt: AT,
    statements: { event: null, contractEnded: true, returned: false, concerns: 'vault' },
    decision: {
      outcome: 'erase',
      rule: 'consent-ended',
      basis: [citeArticle('GROUND_ENDED')],
      until: null,
    },
    plan: {
      hash: 'a'.repeat(64),
      keys: { primary: KEY, secondary: KEY.replace('central', 'west') },
      ...{
        firstAt: AT,
        lastAt: AT,
        snapshots: 1,
        packs: 1,
        objects: 3,
        bytes: 999,
        digest: 'd'.repeat(64),
      },
      ciphertextUntil: '2026-12-10T00:00:00.000Z',
      ...{ graceDays: 0, windowDays: 7, approvals: 1 },
      initiatedBy: [],
    },
    approvals: [],
    approvedAt: null,
    vaultStateBefore: null,
    suspendedAt: null,
    destroyingAt: null,
    graceUntil: null,
    deletionDates: null,
    evidence: { primary: null, secondary: null },
    probes: { primary: null, secondary: null },
    endedAt: null,
    inventory: null,
    cancellations: [],
    certificateId: null,
    ciphertextRemovedAt: null,
    removalCertificateId: null,
    ...rest,
  };
}
