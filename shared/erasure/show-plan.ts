import type { ErasurePlanAnswer } from '../admin-api/erasure-answers.ts';
import type { ErasureStatements } from '../domain/erasure-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import { localDateAt } from '../domain/time-zone.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { requireNoOtherKeys } from '../snapshot/other-keys.ts';
import { describePlan } from './describe-plan.ts';
import { findOpenErasure } from './find-erasure.ts';
import { makePlan } from './make-plan.ts';
import { requirePastEvent } from './stated-event.ts';

/**
 * Shows what erasing a vault would destroy, keep and restrict: of a request that waits for its
 * approval, on the statements of that request, and otherwise on those given here. Of an erasure
 * under way, the plan that was approved.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`, `LEDGER_UNAVAILABLE`; `VAULT_UNREADABLE` once erased;
 * `INPUT_INVALID` when an event is stated that has not happened yet; `POLICY_UNKNOWN`;
 * `COPIES_AHEAD` when other keys than the plan's would still open it; `KEYS_UNAVAILABLE`.
 */
export async function showPlan(
  services: Pick<Services, 'ledger' | 'clock' | 'copies' | 'custody'>,
  vaultId: string,
  asked: ErasureStatements,
): Promise<ErasurePlanAnswer> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  if (vault.state === 'ERASED') {
    throw new HoldfastError('VAULT_UNREADABLE', { vaultId, state: vault.state });
  }
  const open = (await findOpenErasure(services.ledger, vault))?.record;
  const erasureId = open?.erasureId ?? null;
  const statements = open?.statements ?? asked;
  const { timeZone } = await policyOf(services.ledger, vault);
  requirePastEvent(statements, vault.closing, localDateAt(services.clock.now(), timeZone));
  const isDecided = open !== undefined && open.state !== 'REQUESTED';
  if (!isDecided) {
    await requireNoOtherKeys(services, vault);
  }
  const { decision, plan } = isDecided
    ? open
    : await makePlan(services, vault, erasureId, statements);
  const request = open === undefined ? null : { by: open.requestedBy, reason: open.reason };
  const subject = { vaultId, erasureId, request, statements, decision, plan };
  return { ...subject, says: describePlan(subject, timeZone) };
}
