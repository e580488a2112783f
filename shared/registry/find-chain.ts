import { type ChainOwner, INSTALLATION_CHAIN, NO_ENTRIES } from '../domain/audit-chain.ts';
import { HoldfastError } from '../domain/errors.ts';
import { requireId } from '../domain/ids.ts';
import type { Ledger } from '../ports/ledger.ts';

/**
 * @param chainId - id of a vault or a client, or `installation`.
 * @throws HoldfastError `ID_INVALID`, `CHAIN_UNKNOWN`.
 */
export async function requireChainOwner(ledger: Ledger, chainId: string): Promise<ChainOwner> {
  if (chainId === INSTALLATION_CHAIN) {
    const stored = await ledger.get('installation');
    return stored?.record ?? { kind: 'installation', audit: NO_ENTRIES };
  }
  const id = requireId('chain', chainId);
  const found = (await ledger.get('vault', id)) ?? (await ledger.get('client', id));
  if (found === undefined) {
    throw new HoldfastError('CHAIN_UNKNOWN', { chainId });
  }
  return found.record;
}
