import type { Approval, Erasure } from '../domain/erasure-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import { isSecondPerson } from '../domain/second-person.ts';
import { requireVaultTransition } from '../domain/states.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireNoOtherKeys } from '../snapshot/other-keys.ts';
import { requireErasure, requireOpenErasure } from './find-erasure.ts';
import { type DecidedPlan, makePlan, requireErasable } from './make-plan.ts';
import { tellEraser } from './tell-eraser.ts';

/**
 * Approves the plan of an erasure, as a second person: not who requested it, nor who alone brought
 * it about (`isSecondPerson`). The plan is made anew: were it another one than the caller saw,
 * nothing is approved. With as many people as the policy asks
 * for, the vault takes no backups any more, and the erasing function disables its keys at once.
 *
 * @returns the erasure as it stands after the erasing function was told.
 * @throws HoldfastError `ERASURE_UNKNOWN`, `OWN_REQUEST`, `ALREADY_APPROVED`, `PLAN_STALE`,
 * `VAULT_HELD`, `ERASURE_REFUSED`, `VAULT_UNKNOWN`; `ERASURE_APPROVED` when it is under way;
 * `COPIES_AHEAD` when other keys than the plan's would still open the vault; `KEYS_UNAVAILABLE`.
 */
export async function approveErasure(
  services: Pick<Services, 'ledger' | 'clock' | 'copies' | 'custody' | 'pipeline' | 'telemetry'>,
  actor: string,
  vaultId: string,
  { erasureId, planHash }: { erasureId: string; planHash: string },
): Promise<Erasure> {
  const complete = await changeVault(services, vaultId, async (vault) => {
    const stored = await requireOpenErasure(services.ledger, vault, erasureId);
    const erasure = stored.record;
    if (erasure.state !== 'REQUESTED') {
      throw new HoldfastError('ERASURE_APPROVED', { erasureId, state: erasure.state });
    }
    const decided = await makePlan(services, vault, erasureId, erasure.statements);
    const { requestedBy } = erasure;
    if (!isSecondPerson(actor, { requestedBy, initiatedBy: decided.plan.initiatedBy })) {
      throw new HoldfastError('OWN_REQUEST', { erasureId });
    }
    requireErasable(vault, decided.decision);
    if (decided.plan.hash !== planHash) {
      throw new HoldfastError('PLAN_STALE', { vaultId, erasureId });
    }
    await requireNoOtherKeys(services, vault);
    const at = services.clock.now().toISOString();
    const next = approved(vault, erasure, decided, { by: actor, at, planHash });
    return {
      vault: next.vault,
      actor,
      action: next.isComplete ? 'erasure.approved' : 'erasure.approval-given',
      details: { erasureId, requestedBy, plan: planHash },
      also: [{ record: next.erasure, expect: stored.version }],
      result: next.isComplete,
    };
  });
  if (complete) {
    await tellEraser(services, vaultId);
  }
  return requireErasure(services.ledger, vaultId, erasureId);
}

/** Approvals of an earlier plan count for nothing, and may be given anew. */
function approved(
  vault: Vault,
  erasure: Erasure,
  { decision, plan }: DecidedPlan,
  approval: Approval,
): { vault: Vault; erasure: Erasure; isComplete: boolean } {
  const valid = erasure.approvals.filter(({ planHash }) => planHash === plan.hash);
  if (valid.some(({ by }) => by === approval.by)) {
    throw new HoldfastError('ALREADY_APPROVED', { erasureId: erasure.erasureId });
  }
  const approvals = [...valid, approval];
  if (approvals.length < plan.approvals) {
    return { vault, erasure: { ...erasure, approvals, decision, plan }, isComplete: false };
  }
  const state = decision.outcome === 'restrict' ? 'RESTRICTED' : 'ERASE_PENDING';
  requireVaultTransition(vault.vaultId, vault.state, state);
  return {
    vault: { ...vault, state, nextBackupAt: null },
    erasure: {
      ...erasure,
      ...{ approvals, decision, plan },
      state: 'APPROVED',
      approvedAt: approval.at,
      vaultStateBefore: vault.state,
    },
    isComplete: true,
  };
}
