import { createHash } from 'node:crypto';
import type { ErasurePlan, ErasureStatements, LawDecision } from '../domain/erasure-records.ts';

/** What a plan belongs to. `erasureId` is `null` for a plan that nobody asked to carry out. */
export interface PlanSubject {
  readonly vaultId: string;
  readonly erasureId: string | null;
  readonly statements: ErasureStatements;
  readonly decision: LawDecision;
}

/**
 * @returns lower-case hex SHA-256 over everything whose change makes a plan another one: what is
 * destroyed, by which decision, on whose statements and acts, how. Not until when the ciphertext
 * stays: locks are renewed meanwhile.
 */
export function planHash(subject: PlanSubject, plan: Omit<ErasurePlan, 'hash'>): string {
  const { vaultId, erasureId, statements, decision } = subject;
  const { outcome, rule, basis, until } = decision;
  const { keys, snapshots, packs, objects, bytes, digest } = plan;
  const text = JSON.stringify([
    [vaultId, erasureId],
    [statements.event, statements.contractEnded, statements.returned, statements.concerns],
    [outcome, rule, basis.map(({ article }) => article), until],
    [keys.primary, keys.secondary],
    [snapshots, packs, objects, bytes, digest],
    [plan.graceDays, plan.windowDays, plan.approvals],
    plan.initiatedBy.map(({ act, by, at, replaced }) => [act, by, at, replaced ?? null]),
  ]);
  return createHash('sha256').update(text).digest('hex');
}
