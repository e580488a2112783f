import type { CopyName } from '../domain/copy-name.ts';

/**
 * The key store of the tier `shared-root`: `infra/` declares its tables, custody names them. The
 * two keys are the Encryption SDK's own (developer guide, "Keystores").
 */
export const KEY_STORE_TABLE = { partitionKey: 'branch-key-id', sortKey: 'type' } as const;

/** Start of the partitions that roles which decrypt may read: what is elsewhere opens nothing. */
export const USABLE_KEYS = 'key-';

/** @returns the name of the table that holds the branch keys of one Region. */
export function keyStoreTable(installation: string, copy: CopyName): string {
  return `holdfast-${installation}-keys-${copy}`;
}

/** @returns the alias, in either Region, of the key that wraps all branch keys there. */
export function rootKeyAlias(installation: string): string {
  return `alias/holdfast-${installation}-root`;
}
