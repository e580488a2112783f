import type { Readable } from 'node:stream';
import type { PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import { readKeyNames } from '../format/message-reader.ts';
import type { Seal } from '../format/seal.ts';
import type { Copy } from '../ports/copy.ts';
import type { KeyCustody } from '../ports/key-custody.ts';

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
  return custody.keysNamed(vaultId, await namesIn(copy, manifest.key, versionId));
}

async function namesIn(copy: Copy, key: string, versionId: string): Promise<string[]> {
  let body: Readable | undefined;
  try {
    body = await copy.read(key, versionId);
    return await readKeyNames(body as AsyncIterable<Buffer>);
  } catch (error) {
    if (isFault(error, 'COPY_UNAVAILABLE', 'COPY_DENIED')) {
      throw error;
    }
    // Gone, or no message: other snapshots are asked.
    return [];
  } finally {
    body?.destroy();
  }
}
