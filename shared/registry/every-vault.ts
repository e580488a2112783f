import { pMapIterable } from 'p-map';
import type { Client, Vault } from '../domain/records.ts';
import type { Ledger } from '../ports/ledger.ts';

/** Clients whose vaults are asked for at once: an answer of the ledger takes some milliseconds. */
const CLIENTS_AT_ONCE = 16;

/** A client and all its vaults. */
export interface ClientVaults {
  readonly client: Client;
  readonly vaults: readonly Vault[];
}

/**
 * Every client with its vaults, in the order of the clients' ids. Several are asked for ahead, so
 * that 50,000 clients take seconds to go through.
 */
export async function* everyClient({
  ledger,
}: {
  readonly ledger: Ledger;
}): AsyncGenerator<ClientVaults> {
  yield* pMapIterable(
    ledger.list('client', null),
    async ({ record: client }) => ({ client, vaults: await vaultsOf(ledger, client.clientId) }),
    { concurrency: CLIENTS_AT_ONCE },
  );
}

/** Every vault of every client, in the order of the clients' ids. */
export async function* everyVault(services: { readonly ledger: Ledger }): AsyncGenerator<Vault> {
  for await (const { vaults } of everyClient(services)) {
    yield* vaults;
  }
}

/** @returns the vaults of one client, in the order of their ids. */
export async function vaultsOf(ledger: Ledger, clientId: string): Promise<readonly Vault[]> {
  const listed = await Array.fromAsync(ledger.list('vault', { clientId }));
  return listed.map(({ record }) => record);
}
