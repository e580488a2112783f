import { HoldfastError } from '../domain/errors.ts';
import { idTime } from '../domain/ids.ts';
import { openMove } from '../domain/move-records.ts';
import type { Vault } from '../domain/records.ts';

/** AWS Lambda's limit. */
const FUNCTION_MINUTES = 15;

/**
 * How long a run has its vault for itself. A function lives no longer than that, and a push is
 * heard of every few minutes, so a lease that has ended belongs to nobody.
 */
const LEASE_MINUTES = FUNCTION_MINUTES + 5;

/** A vault that belongs to a run. */
export type LeasedVault = Vault & { readonly activeRun: NonNullable<Vault['activeRun']> };

/**
 * Takes a vault for a run. The same run may take it again, and a lease that has ended gives way.
 *
 * @returns the vault with the new lease.
 * @throws HoldfastError `VAULT_NOT_ACTIVE`, `VAULT_MOVING`; `BACKUP_RUNNING` while another run's
 * lease lasts; `LEDGER_CONFLICT` for a run from before the vault was moved to other keys, which has
 * written under the old ones.
 */
export function leaseVault(vault: Vault, runId: string, now: Date): LeasedVault {
  requireActive(vault);
  const { vaultId, activeRun, move } = vault;
  if (move !== undefined && idTime(runId) <= new Date(move.begunAt)) {
    throw new HoldfastError('LEDGER_CONFLICT', { record: `vault ${vaultId}` });
  }
  if (activeRun !== null && activeRun.runId !== runId && new Date(activeRun.until) > now) {
    throw new HoldfastError('BACKUP_RUNNING', { vaultId, runId: activeRun.runId });
  }
  const until = new Date(now.getTime() + LEASE_MINUTES * 60_000).toISOString();
  return { ...vault, activeRun: { runId, until } };
}

/**
 * Sees to it that a run has its vault for as long as a function lives.
 *
 * @returns the vault with a new lease; `null` when the one it has lasts long enough. Many shards of
 * one run begin at once, and they are not to wait for each other.
 * @throws HoldfastError as `leaseVault` does.
 */
export function prolongLease(vault: Vault, runId: string, now: Date): LeasedVault | null {
  const leased = leaseVault(vault, runId, now);
  const { activeRun } = vault;
  const until = activeRun?.runId === runId ? new Date(activeRun.until).getTime() : 0;
  return until - now.getTime() >= FUNCTION_MINUTES * 60_000 ? null : leased;
}

/** @throws HoldfastError `VAULT_NOT_ACTIVE`; `VAULT_MOVING` while it is moved to other keys. */
export function requireActive(vault: Vault): void {
  if (vault.state !== 'ACTIVE') {
    throw new HoldfastError('VAULT_NOT_ACTIVE', { vaultId: vault.vaultId, state: vault.state });
  }
  if (openMove(vault) !== undefined) {
    throw new HoldfastError('VAULT_MOVING', { vaultId: vault.vaultId });
  }
}
