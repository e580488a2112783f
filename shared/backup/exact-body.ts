import type { Readable } from 'node:stream';
import { HoldfastError } from '../domain/errors.ts';

/**
 * Passes a record's bytes on from the source.
 *
 * @param size - bytes the source has listed.
 * @throws HoldfastError `SOURCE_UNAVAILABLE` when the stream breaks off or has another size:
 * reading again may help.
 */
export async function* exactBody(
  body: Readable,
  size: number,
  vaultId: string,
): AsyncGenerator<Buffer> {
  let seen = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      seen += chunk.length;
      if (seen > size) {
        break;
      }
      yield chunk;
    }
  } catch (error) {
    throw error instanceof HoldfastError ? error : unavailable(vaultId);
  }
  if (seen !== size) {
    throw unavailable(vaultId);
  }
}

/** The network's own error is left out: it may name an object key. */
function unavailable(vaultId: string): HoldfastError {
  return new HoldfastError('SOURCE_UNAVAILABLE', { vaultId });
}

/** Reads a record from the source into memory. @throws as `exactBody` does. */
export async function readExactBody(
  body: Readable,
  size: number,
  vaultId: string,
): Promise<Buffer> {
  // Node's own `buffer` goes through a Blob, which costs more than a small record itself.
  const chunks = await Array.fromAsync(exactBody(body, size, vaultId));
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}
