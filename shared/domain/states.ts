import { HoldfastError } from './errors.ts';

/**
 * States of a vault. Holds are counted beside the state and beat it.
 * - `ACTIVE`: backed up and readable
 * - `CLOSED`: takes no backups any more; readable; its calendar runs
 * - `RESTRICTED`: kept because the law still asks for it, and readable for nobody
 * - `HANDED_OVER`: closed, and a copy was given back; what remains is to be erased
 * - `ERASE_PENDING`: an erasure was approved; the vault is unreadable
 * - `ERASED`: its keys are destroyed
 */
export type VaultState =
  | 'ACTIVE'
  | 'CLOSED'
  | 'RESTRICTED'
  | 'HANDED_OVER'
  | 'ERASE_PENDING'
  | 'ERASED';

/**
 * Steps of an erasure.
 * - `REQUESTED`: waits for others to approve
 * - `APPROVED`: the keys are about to be disabled
 * - `SUSPENDED`: keys disabled, reversible; the grace runs, or the restriction, or a hold is in
 *   force
 * - `SCHEDULED`: key deletion scheduled in both Regions, cancellable until it happens; back to
 *   `SUSPENDED` by a hold
 * - `DESTROYING`: the keys are being deleted, where no service does that by itself; nothing stops
 *   it any more, and a hold is refused
 * - `DESTROYED`: both keys are shown to be destroyed; the decrypts are still to be tried
 * - `ERASED`: a decrypt was tried and refused in both Regions
 * - `CANCELLING`: the keys are about to be enabled again; back to `SUSPENDED` when a key turns out
 *   to be destroyed already
 * - `CANCELLED`
 */
export type ErasureState =
  | 'REQUESTED'
  | 'APPROVED'
  | 'SUSPENDED'
  | 'SCHEDULED'
  | 'DESTROYING'
  | 'DESTROYED'
  | 'ERASED'
  | 'CANCELLING'
  | 'CANCELLED';

const VAULT_TRANSITIONS: Readonly<Record<VaultState, readonly VaultState[]>> = {
  ACTIVE: ['CLOSED', 'RESTRICTED', 'ERASE_PENDING'],
  CLOSED: ['RESTRICTED', 'HANDED_OVER', 'ERASE_PENDING'],
  RESTRICTED: ['ACTIVE', 'CLOSED', 'HANDED_OVER', 'ERASE_PENDING'],
  HANDED_OVER: ['RESTRICTED', 'ERASE_PENDING'],
  // A cancelled erasure leads back to where it came from.
  ERASE_PENDING: ['ACTIVE', 'CLOSED', 'RESTRICTED', 'HANDED_OVER', 'ERASED'],
  ERASED: [],
};

const ERASURE_TRANSITIONS: Readonly<Record<ErasureState, readonly ErasureState[]>> = {
  REQUESTED: ['APPROVED', 'CANCELLED'],
  APPROVED: ['SUSPENDED', 'CANCELLING', 'DESTROYED'],
  SUSPENDED: ['SCHEDULED', 'CANCELLING', 'DESTROYED'],
  SCHEDULED: ['SUSPENDED', 'CANCELLING', 'DESTROYING', 'DESTROYED'],
  DESTROYING: ['DESTROYED'],
  CANCELLING: ['CANCELLED', 'SUSPENDED', 'DESTROYED'],
  DESTROYED: ['ERASED'],
  ERASED: [],
  CANCELLED: [],
};

/** @throws HoldfastError `TRANSITION_FORBIDDEN` unless the vault may go from one to the other. */
export function requireVaultTransition(vaultId: string, from: VaultState, to: VaultState): void {
  if (!VAULT_TRANSITIONS[from].includes(to)) {
    throw new HoldfastError('TRANSITION_FORBIDDEN', { what: `Vault ${vaultId}`, from, to });
  }
}

/** @throws HoldfastError `TRANSITION_FORBIDDEN` unless the erasure may go from one to the other. */
export function requireErasureTransition(
  erasureId: string,
  from: ErasureState,
  to: ErasureState,
): void {
  if (!ERASURE_TRANSITIONS[from].includes(to)) {
    throw new HoldfastError('TRANSITION_FORBIDDEN', { what: `Erasure ${erasureId}`, from, to });
  }
}

/** States in which the keys work and nothing forbids to use them. */
const READABLE: readonly VaultState[] = ['ACTIVE', 'CLOSED', 'HANDED_OVER'];

/** @returns whether records of a vault in this state may be read. */
export function isReadable(state: VaultState): boolean {
  return READABLE.includes(state);
}

/** @returns whether an erasure in this state still needs work or waiting. */
export function isErasureOpen(state: ErasureState): boolean {
  return state !== 'ERASED' && state !== 'CANCELLED';
}
