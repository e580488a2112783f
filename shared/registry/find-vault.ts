import { HoldfastError } from '../domain/errors.ts';
import { requireId } from '../domain/ids.ts';
import type { Ledger, Stored } from '../ports/ledger.ts';

/** @throws HoldfastError `ID_INVALID`, `CLIENT_UNKNOWN`. */
export async function requireClient(ledger: Ledger, clientId: string): Promise<Stored<'client'>> {
  const found = await ledger.get('client', requireId('client', clientId));
  if (found === undefined) {
    throw new HoldfastError('CLIENT_UNKNOWN', { clientId });
  }
  return found;
}

/** @throws HoldfastError `ID_INVALID`, `VAULT_UNKNOWN`. */
export async function requireVault(ledger: Ledger, vaultId: string): Promise<Stored<'vault'>> {
  const found = await ledger.get('vault', requireId('vault', vaultId));
  if (found === undefined) {
    throw new HoldfastError('VAULT_UNKNOWN', { vaultId });
  }
  return found;
}
