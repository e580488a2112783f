import { HoldfastError } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';

/**
 * How long a run has its vault for itself. A function lives for at most 15 minutes (AWS Lambda's
 * limit), and a push is heard of every few minutes, so a lease that has ended belongs to nobody.
 */
const LEASE_MINUTES = 20;

/** A vault that belongs to a run. */
export type LeasedVault = Vault & { readonly activeRun: NonNullable<Vault['activeRun']> };

/**
 * Takes a vault for a run. The same run may take it again, and a lease that has ended gives way.
 *
 * @returns the vault with the new lease.
 * @throws HoldfastError `VAULT_NOT_ACTIVE`; `BACKUP_RUNNING` while another run's lease lasts.
 */
export function leaseVault(vault: Vault, runId: string, now: Date): LeasedVault {
  requireActive(vault);
  const { vaultId, activeRun } = vault;
  if (activeRun !== null && activeRun.runId !== runId && new Date(activeRun.until) > now) {
    throw new HoldfastError('BACKUP_RUNNING', { vaultId, runId: activeRun.runId });
  }
  const until = new Date(now.getTime() + LEASE_MINUTES * 60_000).toISOString();
  return { ...vault, activeRun: { runId, until } };
}

/** @throws HoldfastError `VAULT_NOT_ACTIVE`. */
export function requireActive(vault: Vault): void {
  if (vault.state !== 'ACTIVE') {
    throw new HoldfastError('VAULT_NOT_ACTIVE', { vaultId: vault.vaultId, state: vault.state });
  }
}
