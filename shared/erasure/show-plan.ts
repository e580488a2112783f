import type { ErasurePlanAnswer } from '../admin-api/answers.ts';
import type { ErasureStatements } from '../domain/erasure-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { requireNoOtherKeys } from '../snapshot/other-keys.ts';
import { describePlan } from './describe-plan.ts';
import { findOpenErasure } from './find-erasure.ts';
import { makePlan } from './make-plan.ts';

/**
 * Shows what erasing a vault would destroy, keep and restrict: of a request that waits for its
 * approval, on the statements of that request, and otherwise on those given here. Of an erasure
 * under way, the plan that was approved.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`, `LEDGER_UNAVAILABLE`; `VAULT_UNREADABLE` once erased;
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
  const isDecided = open !== undefined && open.state !== 'REQUESTED';
  if (!isDecided) {
    await requireNoOtherKeys(services, vault);
  }
  const { decision, plan } = isDecided
    ? open
    : await makePlan(services, vault, erasureId, statements);
  const subject = { vaultId, erasureId, statements, decision, plan };
  return { ...subject, says: describePlan(subject) };
}
