import { HoldfastError } from '../domain/errors.ts';
import { isInForce } from '../domain/hold-records.ts';
import { requireId } from '../domain/ids.ts';
import type { Ledger, Stored } from '../ports/ledger.ts';

/**
 * The hold on a vault or one of its snapshots that somebody wants released.
 * @throws HoldfastError `ID_INVALID`; `HOLD_UNKNOWN` when it is not in force; `HOLD_ON_CLIENT` when
 * it is on the vault's client, whose other vaults it holds as well.
 */
export async function requireVaultHold(
  ledger: Ledger,
  { vaultId, holdId }: { vaultId: string; holdId: string },
): Promise<Stored<'hold'>> {
  const stored = await ledger.get('hold', vaultId, requireId('hold', holdId));
  if (stored === undefined || !isInForce(stored.record)) {
    throw new HoldfastError('HOLD_UNKNOWN', { owner: `Vault ${vaultId}`, holdId });
  }
  if (stored.record.scope.kind === 'client') {
    throw new HoldfastError('HOLD_ON_CLIENT', { vaultId, holdId });
  }
  return stored;
}

/**
 * The hold on a client that somebody wants released.
 * @throws HoldfastError `ID_INVALID`; `HOLD_UNKNOWN` when it is not in force.
 */
export async function requireClientHold(
  ledger: Ledger,
  { clientId, holdId }: { clientId: string; holdId: string },
): Promise<Stored<'client-hold'>> {
  const stored = await ledger.get('client-hold', clientId, requireId('hold', holdId));
  if (stored === undefined || !isInForce(stored.record)) {
    throw new HoldfastError('HOLD_UNKNOWN', { owner: `Client ${clientId}`, holdId });
  }
  return stored;
}
