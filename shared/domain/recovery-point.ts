import type { Policy } from './policy.ts';
import type { Vault } from './records.ts';

const HOUR_MS = 3_600_000;

/** How much work would be lost if a vault's source were lost now, beside what its policy allows. */
export interface RecoveryPoint {
  /** Hours of work that may be lost at most: the policy's `backup.rpoHours`. */
  readonly rpoHours: number;
  /** Hours since the newest snapshot began to read, or since the vault was registered. */
  readonly ageHours: number;
  /** By how many hours that is too long; 0 when it is not. */
  readonly exceededHours: number;
}

/**
 * @returns the recovery point of a vault, `null` when nothing more is to be backed up into it: only
 * ACTIVE vaults have one.
 */
export function recoveryPoint(
  vault: Pick<Vault, 'state' | 'lastSnapshotAt' | 'createdAt'>,
  { backup: { rpoHours } }: Pick<Policy, 'backup'>,
  now: Date,
): RecoveryPoint | null {
  if (vault.state !== 'ACTIVE') {
    return null;
  }
  const last = Date.parse(vault.lastSnapshotAt ?? vault.createdAt);
  const ageHours = Math.max(0, (now.getTime() - last) / HOUR_MS);
  return { rpoHours, ageHours, exceededHours: Math.max(0, ageHours - rpoHours) };
}
