import type { Copy } from '../ports/copy.ts';

/**
 * Reads a small object whole: certificates, checkpoints and tombstones, none larger than some MiB.
 * @throws HoldfastError `OBJECT_MISSING`, `COPY_UNAVAILABLE`, `COPY_DENIED`.
 */
export async function readObject(copy: Copy, key: string, versionId: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await copy.read(key, versionId)) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
