import type { Erasure } from '../domain/erasure-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import { isErasureOpen } from '../domain/states.ts';
import type { Ledger, Stored } from '../ports/ledger.ts';

/** The vault's erasure that still needs work or waiting, if there is one. */
export async function findOpenErasure(
  ledger: Ledger,
  vault: Vault,
): Promise<Stored<'erasure'> | undefined> {
  if (vault.erasureId === null) {
    return undefined;
  }
  const stored = await ledger.get('erasure', vault.vaultId, vault.erasureId);
  return stored !== undefined && isErasureOpen(stored.record.state) ? stored : undefined;
}

/**
 * The open erasure a person refers to by its id: whoever approves or cancels names what they saw.
 * @throws HoldfastError `ERASURE_UNKNOWN` when none is open, or another one is.
 */
export async function requireOpenErasure(
  ledger: Ledger,
  vault: Vault,
  erasureId: string,
): Promise<Stored<'erasure'>> {
  const stored = await findOpenErasure(ledger, vault);
  if (stored === undefined || stored.record.erasureId !== erasureId) {
    throw new HoldfastError('ERASURE_UNKNOWN', { vaultId: vault.vaultId });
  }
  return stored;
}

/**
 * An erasure whatever became of it.
 * @throws HoldfastError `ERASURE_UNKNOWN`.
 */
export async function requireErasure(
  ledger: Ledger,
  vaultId: string,
  erasureId: string,
): Promise<Erasure> {
  const stored = await ledger.get('erasure', vaultId, erasureId);
  if (stored === undefined) {
    throw new HoldfastError('ERASURE_UNKNOWN', { vaultId });
  }
  return stored.record;
}

/** The vault's latest erasure, whatever became of it. */
export async function findLatestErasure(
  ledger: Ledger,
  { vaultId, erasureId }: Vault,
): Promise<Stored<'erasure'> | undefined> {
  return erasureId === null ? undefined : ledger.get('erasure', vaultId, erasureId);
}
