import type { Readable } from 'node:stream';
import { COPY_NAMES, type PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import { readKeyNames } from '../format/message-reader.ts';
import type { Seal } from '../format/seal.ts';
import type { Copy } from '../ports/copy.ts';
import type { Installation } from '../ports/services.ts';

/** The ARN of a KMS key, at the start of the name that a message has for it. */
const KEY_ARN = /^arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:key\/[\w-]+/;

/**
 * Finds a vault's two keys: every message names them in its plain header (format.md 2.2).
 *
 * @param seal - a snapshot of the vault.
 * @returns `undefined` when its manifest is not in this copy, or names other keys than one in each
 * Region.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`.
 */
export async function findKeys(
  copy: Copy,
  { regions }: Pick<Installation, 'regions'>,
  { manifests }: Seal,
): Promise<PerCopy<string> | undefined> {
  const [manifest] = manifests;
  const versionId = manifest?.versions[copy.name];
  if (manifest === undefined || !versionId) {
    return undefined;
  }
  const names = await namesIn(copy, manifest.key, versionId);
  const found = COPY_NAMES.map((name) =>
    names.map((each) => KEY_ARN.exec(each)).find((match) => match?.[1] === regions[name]),
  );
  const [primary, secondary] = found.map((match) => match?.[0]);
  return primary === undefined || secondary === undefined ? undefined : { primary, secondary };
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
