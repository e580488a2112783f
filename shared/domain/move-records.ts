import type { PerCopy } from './copy-name.ts';
import type { StoredObject, Vault } from './records.ts';

/**
 * The move of a vault from branch keys to KMS keys of its own.
 * - `COPYING`: what its snapshots need is written anew under the new keys
 * - `SWITCHED`: every snapshot is read with the new keys; the old ones are about to be destroyed
 * - `DONE`: the old keys are shown to be gone in both Regions
 */
export interface VaultMove {
  readonly moveId: string;
  readonly state: 'COPYING' | 'SWITCHED' | 'DONE';
  readonly begunAt: string;
  readonly begunBy: string;
  /** The keys that are given up. */
  readonly from: PerCopy<string>;
  /** The keys that take their place, and the probes that will be the vault's. */
  readonly to: PerCopy<string>;
  readonly probes: PerCopy<string>;
  /** Until when an invocation has the move for itself; `null` when none does. */
  readonly leasedUntil: string | null;
  /** When the old keys may be destroyed; `null` before the switch. */
  readonly destroyAt: string | null;
  readonly endedAt: string | null;
}

/**
 * An object that a move has written anew, read back from both copies and compared. It stays until
 * the sweep has removed the versions of before.
 */
export interface MovedObject {
  readonly kind: 'moved-object';
  readonly vaultId: string;
  /** Object key, the same before and after. */
  readonly key: string;
  /** The versions under the old keys, and the end of their lock when it was moved. */
  readonly before: {
    readonly versions: StoredObject['versions'];
    readonly lockedUntil: string;
  };
  /** What the object is under the new keys. */
  readonly after: Pick<StoredObject, 'size' | 'sha256'> & {
    readonly versions: PerCopy<string>;
    readonly lockedUntil: string;
  };
}

/** @returns the move that a vault is in, unless it is over. */
export function openMove({ move }: Pick<Vault, 'move'>): VaultMove | undefined {
  return move === undefined || move.state === 'DONE' ? undefined : move;
}
