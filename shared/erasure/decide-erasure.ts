import type { Erasure, ErasureStatements, LawDecision } from '../domain/erasure-records.ts';
import { decideByLaw } from '../domain/law-table.ts';
import type { Policy } from '../domain/policy.ts';
import type { Vault } from '../domain/records.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Ledger } from '../ports/ledger.ts';
import { statedEvent } from './stated-event.ts';

/**
 * Asks the law table about a vault, as the ledger and the requester know it. What the ledger knows
 * beats what is stated: a vault that was closed to be handed over is returned when that was
 * confirmed, and of two days that start the clock the later one counts.
 *
 * @throws HoldfastError `POLICY_UNKNOWN`, `LEDGER_UNAVAILABLE`.
 */
export async function decideErasure(
  ledger: Ledger,
  vault: Vault,
  statements: ErasureStatements,
  now: Date,
): Promise<LawDecision> {
  return decideUnder(await policyOf(ledger, vault), vault, statements, now);
}

/** The same, as if the vault had a certain policy. */
export function decideUnder(
  policy: Policy,
  { holds, state, closing }: Vault,
  statements: ErasureStatements,
  now: Date,
): LawDecision {
  const returnAsked = closing?.disposition === 'hand-over';
  return decideByLaw({
    now,
    holds,
    policy,
    event: statedEvent(statements, closing)?.day ?? null,
    contractEnded: statements.contractEnded || closing !== null,
    returnAsked,
    returned: state === 'HANDED_OVER' || (statements.returned && !returnAsked),
    concerns: statements.concerns,
  });
}

/**
 * The erasure as the law sees it now: a statutory period that has become longer since it was
 * approved is obeyed, until the keys are destroyed. Nothing else changes what was approved.
 *
 * @throws HoldfastError `POLICY_UNKNOWN`, `LEDGER_UNAVAILABLE`.
 */
export async function underLaw(
  ledger: Ledger,
  vault: Vault,
  erasure: Erasure,
  now: Date,
): Promise<Erasure> {
  const { state, statements, graceUntil } = erasure;
  if (graceUntil === null || (state !== 'SUSPENDED' && state !== 'SCHEDULED')) {
    return erasure;
  }
  // A hold keeps by itself, and is no reason to restrict.
  const decision = await decideErasure(ledger, { ...vault, holds: 0 }, statements, now);
  const { outcome, until } = decision;
  const isLonger = outcome === 'restrict' && (until === null || until > graceUntil);
  return isLonger ? { ...erasure, decision, graceUntil: until } : erasure;
}
