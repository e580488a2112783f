import {
  type ClientDetails,
  type ClientPage,
  presentClient,
  summarizeVault,
  type VaultSummary,
} from '../admin-api/answers.ts';
import type { QueryOf } from '../admin-api/route-inputs.ts';
import type { Services } from '../ports/services.ts';
import { requireClient } from '../registry/find-vault.ts';
import { listClientHolds } from './list-holds.ts';

/** @returns one page of clients in the order of their registration. */
export async function listClients(
  { ledger }: Pick<Services, 'ledger'>,
  { limit, after }: QueryOf<'listClients'>,
): Promise<ClientPage> {
  const clients: ClientPage['clients'][number][] = [];
  for await (const { record } of ledger.list('client', null)) {
    if (after !== undefined && record.clientId <= after) {
      continue;
    }
    if (clients.length === limit) {
      return { clients, next: clients.at(-1)?.clientId ?? null };
    }
    clients.push(presentClient(record));
  }
  return { clients, next: null };
}

/**
 * @returns a client with its vaults and the holds on it.
 * @throws HoldfastError `CLIENT_UNKNOWN`.
 */
export async function showClient(
  services: Pick<Services, 'ledger'>,
  clientId: string,
): Promise<ClientDetails> {
  const { record } = await requireClient(services.ledger, clientId);
  const [{ vaults }, { holds }] = await Promise.all([
    listVaults(services, clientId),
    listClientHolds(services, clientId),
  ]);
  return { ...presentClient(record), vaults, holds };
}

/**
 * @returns all vaults of one client.
 * @throws HoldfastError `CLIENT_UNKNOWN`.
 */
export async function listVaults(
  { ledger }: Pick<Services, 'ledger'>,
  clientId: string,
): Promise<{ vaults: VaultSummary[] }> {
  await requireClient(ledger, clientId);
  const vaults: VaultSummary[] = [];
  for await (const { record } of ledger.list('vault', { clientId })) {
    vaults.push(summarizeVault(record));
  }
  return { vaults };
}
