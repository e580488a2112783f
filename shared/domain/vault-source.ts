import { HoldfastError } from './errors.ts';
import type { S3VaultSource, Vault } from './records.ts';

/** @throws HoldfastError `SOURCE_IS_FOLDER`: such a vault is pushed to and never read by a run. */
export function requireS3Source({ vaultId, source }: Pick<Vault, 'vaultId' | 'source'>) {
  if (source.kind === 'folder') {
    throw new HoldfastError('SOURCE_IS_FOLDER', { vaultId });
  }
  return source satisfies S3VaultSource;
}

/** @throws HoldfastError `SOURCE_NOT_FOLDER`. */
export function requireFolderSource({ vaultId, source }: Pick<Vault, 'vaultId' | 'source'>): void {
  if (source.kind !== 'folder') {
    throw new HoldfastError('SOURCE_NOT_FOLDER', { vaultId });
  }
}
