import type { RequestErasureBody } from '../admin-api/messages.ts';
import type { Erasure, ErasureStatements } from '../domain/erasure-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import { openMove } from '../domain/move-records.ts';
import { localDateAt } from '../domain/time-zone.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { findOpenErasure } from './find-erasure.ts';
import { makePlan, requireErasable } from './make-plan.ts';
import { requirePastEvent } from './stated-event.ts';

/**
 * Asks for a vault to be erased. The law table decides at once whether that may be; nothing happens
 * to the keys until others approve the plan.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`, `VAULT_HELD`, `ERASURE_REFUSED`, `ERASURE_UNDER_WAY`;
 * `VAULT_UNREADABLE` when the vault is erased already, `VAULT_MOVING` while it is moved to other
 * keys; `INPUT_INVALID` when the stated event has not happened yet; `POLICY_UNKNOWN`.
 */
export async function requestErasure(
  services: Pick<Services, 'ledger' | 'clock' | 'ids'>,
  actor: string,
  vaultId: string,
  body: RequestErasureBody,
): Promise<Erasure> {
  const erasureId = services.ids.next();
  const statements = statementsOf(body);
  return changeVault(services, vaultId, async (vault) => {
    if (vault.state === 'ERASED') {
      throw new HoldfastError('VAULT_UNREADABLE', { vaultId, state: vault.state });
    }
    if (openMove(vault) !== undefined) {
      throw new HoldfastError('VAULT_MOVING', { vaultId });
    }
    const open = await findOpenErasure(services.ledger, vault);
    if (open !== undefined) {
      throw new HoldfastError('ERASURE_UNDER_WAY', { vaultId, erasureId: open.record.erasureId });
    }
    const { timeZone } = await policyOf(services.ledger, vault);
    requirePastEvent(statements, vault.closing, localDateAt(services.clock.now(), timeZone));
    const decided = await makePlan(services, vault, erasureId, statements);
    requireErasable(vault, decided.decision);
    const { outcome, rule } = decided.decision;
    const erasure: Erasure = {
      ...NOT_BEGUN,
      ...{ vaultId, erasureId, reason: body.reason, statements, ...decided },
      requestedBy: actor,
      requestedAt: services.clock.now().toISOString(),
    };
    return {
      vault: { ...vault, erasureId },
      actor,
      action: 'erasure.requested',
      details: { erasureId, outcome, rule, plan: decided.plan.hash },
      also: [{ record: erasure, expect: 'absent' }],
      result: erasure,
    };
  });
}

/** @returns what a request states; what it does not mention is not so. */
export function statementsOf(body: Omit<RequestErasureBody, 'reason'>): ErasureStatements {
  const { event = null, contractEnded, returned, concerns } = body;
  return { event, contractEnded, returned, concerns };
}

/** An erasure that nobody has approved yet. */
const NOT_BEGUN = {
  kind: 'erasure',
  state: 'REQUESTED',
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
} as const;
