import { requestErasureBody } from '../../shared/admin-api/messages.ts';
import type { Erasure } from '../../shared/domain/erasure-records.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { approveErasure } from '../../shared/erasure/approve-erasure.ts';
import { cancelErasure } from '../../shared/erasure/cancel-erasure.ts';
import { requestErasure } from '../../shared/erasure/request-erasure.ts';
import type { Services } from '../../shared/ports/services.ts';
import { OPERATOR, SUPERVISOR } from './living-installation.ts';
import type { MemoryServices } from './memory-services.ts';

/** A request by which every built-in policy lets a vault be erased at once. */
export const LONG_OVER = requestErasureBody.parse({
  reason: 'the period is over',
  event: '2010-06-30',
  contractEnded: true,
  returned: true,
});

/** Asks for a vault to be erased, as the operator. */
export function requested(
  { services }: Pick<MemoryServices, 'services'>,
  { vaultId }: Pick<Vault, 'vaultId'>,
  body = LONG_OVER,
): Promise<Erasure> {
  return requestErasure(services, OPERATOR, vaultId, body);
}

/** Asks for a vault to be erased, and approves it as a second person. */
export async function approved(
  living: Pick<MemoryServices, 'services'>,
  vault: Pick<Vault, 'vaultId'>,
  body = LONG_OVER,
): Promise<Erasure> {
  return approve(living, await requested(living, vault, body));
}

/** Approves the plan that the erasure was requested with. */
export function approve(
  { services }: Pick<MemoryServices, 'services'>,
  { vaultId, erasureId, plan }: Erasure,
  actor = SUPERVISOR,
): Promise<Erasure> {
  return approveErasure(services, actor, vaultId, { erasureId, planHash: plan.hash });
}

/** Cancels an erasure by the two people it took. */
export async function cancelled(
  { services }: Pick<MemoryServices, 'services'>,
  erasure: Erasure,
): Promise<Erasure> {
  await cancelErasure(services, OPERATOR, erasure.vaultId, erasure);
  return cancelErasure(services, SUPERVISOR, erasure.vaultId, erasure);
}

/** @returns the erasure as the ledger has it now. */
export async function erasureNow(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId, erasureId }: Erasure,
): Promise<Erasure> {
  const stored = await ledger.get('erasure', vaultId, erasureId);
  if (stored === undefined) {
    throw new Error(`no erasure ${erasureId}`);
  }
  return stored.record;
}

/** @returns what each key is now. */
export async function keyStates({ custody }: MemoryServices, vault: Vault): Promise<string[]> {
  const { primary, secondary } = await custody.states(vault.keys);
  return [primary.state, secondary.state];
}
