import type { PerCopy } from './copy-name.ts';

/**
 * How a vault's keys are kept:
 * - `dedicated`: two KMS keys of its own; their destruction is an event in AWS's own log
 * - `shared-root`: two branch keys, each an entry of a table, wrapped under one KMS key per Region;
 *   their destruction shows only in the absence of the entry
 */
export const KEY_TIERS = ['dedicated', 'shared-root'] as const;
export type KeyTier = (typeof KEY_TIERS)[number];

/** The tier of a key, which its name tells: it is an ARN of the service that keeps the key. */
export function tierOfKey(keyName: string): KeyTier {
  return keyName.split(':')[2] === 'dynamodb' ? 'shared-root' : 'dedicated';
}

/** The tier of a vault; both its keys are of one. */
export function tierOf(keys: PerCopy<string>): KeyTier {
  return tierOfKey(keys.primary);
}

/**
 * The one answer to a decrypt that says that a key is gone: KMS does not know it, or no item of it
 * is left in the key store. Any other leaves it open. A key that is disabled or waits for its
 * deletion is refused too, by a host of KMS that is behind the others even after its end; and a
 * denied caller learns nothing of the key at all.
 */
export const GONE_ANSWER: Readonly<Record<KeyTier, string>> = {
  dedicated: 'NotFoundException',
  'shared-root': 'BranchKeyAbsent',
};

/** What the keys of a tier take in each Region. */
export interface KeyUse {
  /** KMS keys that are paid for by the month. */
  readonly keysPerVault: number;
  /** The same, however many vaults there are. */
  readonly keysPerInstallation: number;
  /** Bytes in the key store. */
  readonly storeBytes: number;
}

/** A branch key is three items of 1,128 bytes together, and DynamoDB counts 100 more for each. */
export const KEY_USE: Readonly<Record<KeyTier, KeyUse>> = {
  dedicated: { keysPerVault: 1, keysPerInstallation: 0, storeBytes: 0 },
  'shared-root': { keysPerVault: 0, keysPerInstallation: 1, storeBytes: 1_430 },
};
