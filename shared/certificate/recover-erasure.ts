import { inBoth, type PerCopy } from '../domain/copy-name.ts';
import type {
  Approval,
  DestructionEvidence,
  Erasure,
  ErasurePlan,
  Inventory,
  LawDecision,
  LawRule,
} from '../domain/erasure-records.ts';
import { daysBetween, utcDateOf } from '../domain/local-date.ts';
import type { Certificate } from '../format/certificate.ts';
import { pseudonymOf } from './pseudonym.ts';

/** Stands for what only the ledger knew. */
const LOST = 'Unknown: recovered from the certificate';

/**
 * The record of an erasure as its first certificate states it, for a ledger that was restored to a
 * time before the end of the erasure, or that lost it. What was typed is in no certificate: of
 * that, and of who people are, the record has what the ledger still knows.
 *
 * @param known - what the ledger still knows of the erasure, if anything.
 * @param inventory - what it still knows of the vault's objects.
 */
export function recoveredErasure(
  certificate: Certificate,
  known: Erasure | undefined,
  inventory: Inventory,
): Erasure {
  const { certificateId, subject, destroyed, erasure, legal, probes } = certificate;
  const { erasureId, requestedAt, suspendedAt, graceUntil, deletionDates, erasedAt } = erasure;
  const { vaultId } = subject;
  const approvals = approvalsOf(certificate, known);
  return {
    kind: 'erasure',
    ...{ vaultId, erasureId, requestedAt, suspendedAt, graceUntil, deletionDates, approvals },
    state: 'ERASED',
    reason: known?.reason ?? LOST,
    requestedBy: known?.requestedBy ?? erasure.requestedBy,
    statements: known?.statements ?? {
      event: legal.clock?.event ?? null,
      contractEnded: legal.rule === 'processor-erase',
      returned: false,
      concerns: 'vault',
    },
    decision: decisionOf(legal),
    plan: known?.plan.hash === erasure.planSha256 ? known.plan : planOf(certificate, inventory),
    approvedAt:
      approvals
        .map(({ at }) => at)
        .toSorted()
        .at(-1) ?? null,
    vaultStateBefore: known?.vaultStateBefore ?? null,
    destroyingAt: known?.destroyingAt ?? null,
    evidence: evidenceOf(certificate),
    probes: inBoth((copy) => probes[copy]),
    inventory: withStated(inventory, { snapshots: subject.snapshots, objects: destroyed.objects }),
    endedAt: erasedAt,
    cancellations: [],
    certificateId,
    ciphertextRemovedAt: known?.ciphertextRemovedAt ?? null,
    removalCertificateId: known?.removalCertificateId ?? null,
  };
}

/** Who approved, by name where the ledger still has it. */
function approvalsOf({ erasure }: Certificate, known: Erasure | undefined): Approval[] {
  const planHash = erasure.planSha256;
  return erasure.approvals.map(({ by, at }) => {
    const person = known?.approvals.find((each) => pseudonymOf(each.by) === by);
    return { by: person?.by ?? by, at, planHash };
  });
}

function decisionOf(legal: Certificate['legal']): LawDecision {
  const { outcome, rule, basis, keptUntil, confirmation } = legal;
  const unstated = { grade: 'U' as const, unconfirmed: true };
  const laws = confirmation?.basis ?? basis.map((article) => ({ article, ...unstated }));
  return {
    outcome: outcome as LawDecision['outcome'],
    rule: rule as LawRule,
    basis: laws.map(({ article, grade, unconfirmed }) => {
      return { article, grade, doubts: unconfirmed ? [LOST] : [] };
    }),
    until: keptUntil,
  };
}

/** The days follow from the dates, as they were; how many had to approve, from how many did. */
function planOf({ destroyed, erasure }: Certificate, inventory: Inventory): ErasurePlan {
  const { suspendedAt, graceUntil, deletionDates, approvals, planSha256, planned } = erasure;
  return {
    ...withStated(inventory, planned),
    hash: planSha256,
    keys: destroyed.keys,
    graceDays: daysFrom(suspendedAt, graceUntil),
    windowDays: daysFrom(graceUntil, deletionDates.primary),
    approvals: approvals.length,
    initiatedBy: erasure.initiatedBy ?? [],
  };
}

/** What a certificate states of an inventory; what it leaves out is as the ledger has it now. */
function withStated(
  inventory: Inventory,
  { snapshots, objects }: Certificate['erasure']['planned'],
): Inventory {
  const { count, firstAt, lastAt } = snapshots;
  const { count: objectCount, bytes, sha256: digest } = objects;
  return {
    ...inventory,
    ...{ snapshots: count, firstAt, lastAt },
    ...{ objects: objectCount, bytes, digest },
  };
}

function daysFrom(from: string, to: string): number {
  return daysBetween(utcDateOf(new Date(from)), utcDateOf(new Date(to)));
}

function evidenceOf({ evidence, erasure }: Certificate): PerCopy<DestructionEvidence> {
  return inBoth((copy) => {
    const seen = evidence[copy];
    const { region, at } = seen;
    return seen.kind === 'event'
      ? { kind: 'event', region, eventId: seen.eventId, eventTime: at }
      : { kind: seen.kind, region, observedAt: at, dueAt: erasure.deletionDates[copy] };
  });
}
