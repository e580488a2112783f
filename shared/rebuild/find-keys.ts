import type { PerCopy } from '../domain/copy-name.ts';
import type { Seal } from '../format/seal.ts';
import type { Copy } from '../ports/copy.ts';
import type { KeyCustody } from '../ports/key-custody.ts';
import { keysOfMessage } from '../snapshot/keys-of-message.ts';

/**
 * Finds a vault's two keys: every message names them in its plain header (format.md 2.2, 2.7).
 *
 * @param seal - a snapshot of the vault.
 * @returns `undefined` when its manifest is not in this copy, or names other keys than one in each
 * Region.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`.
 */
export async function findKeys(
  copy: Copy,
  custody: Pick<KeyCustody, 'keysNamed'>,
  { vaultId, manifests }: Seal,
): Promise<PerCopy<string> | undefined> {
  const [manifest] = manifests;
  const versionId = manifest?.versions[copy.name];
  if (manifest === undefined || !versionId) {
    return undefined;
  }
  return custody.keysNamed(vaultId, await keysOfMessage(copy, manifest.key, versionId));
}
