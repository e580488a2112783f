import { type ClientHoldAnswer, type HoldAnswer, withoutKind } from '../admin-api/answers.ts';
import { isInForce } from '../domain/hold-records.ts';
import type { Services } from '../ports/services.ts';
import { requireClient, requireVault } from '../registry/find-vault.ts';

/**
 * @returns all holds that ever touched a vault, in any scope, oldest first.
 * @throws HoldfastError `VAULT_UNKNOWN`.
 */
export async function listHolds(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<{ holds: HoldAnswer[] }> {
  await requireVault(ledger, vaultId);
  const holds: HoldAnswer[] = [];
  for await (const { record } of ledger.list('hold', { vaultId })) {
    holds.push(withoutKind(record));
  }
  return { holds };
}

/**
 * @returns the holds that touch a vault now, in any scope, oldest first.
 * @throws HoldfastError `VAULT_UNKNOWN`.
 */
export async function holdsInForce(
  services: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<HoldAnswer[]> {
  const { holds } = await listHolds(services, vaultId);
  return holds.filter(isInForce);
}

/**
 * @returns all holds that were ever placed on a client as a whole, oldest first.
 * @throws HoldfastError `CLIENT_UNKNOWN`.
 */
export async function listClientHolds(
  { ledger }: Pick<Services, 'ledger'>,
  clientId: string,
): Promise<{ holds: ClientHoldAnswer[] }> {
  await requireClient(ledger, clientId);
  const holds: ClientHoldAnswer[] = [];
  for await (const { record } of ledger.list('client-hold', { clientId })) {
    holds.push(withoutKind(record));
  }
  return { holds };
}
