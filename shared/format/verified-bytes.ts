import { createHash } from 'node:crypto';
import { HoldfastError } from '../domain/errors.ts';
import type { StoredObject } from '../domain/records.ts';
import { damaged, type Origin } from './origin.ts';

/**
 * Passes an object's bytes on and compares their number and SHA-256 with what was recorded when it
 * was written (format.md 5.3). What was passed on before the end is not yet verified.
 *
 * @throws HoldfastError `OBJECT_DAMAGED` at the end, or as soon as there are too many bytes;
 * `COPY_UNAVAILABLE` when the stream breaks off with an error of the network.
 */
export async function* verifiedBytes(
  bytes: AsyncIterable<Buffer>,
  stored: Pick<StoredObject, 'size' | 'sha256'>,
  origin: Origin,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of countedBytes(bytes, stored, origin)) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== stored.sha256) {
    throw damaged(origin, 'altered');
  }
}

/**
 * Passes an object's bytes on and compares only their number: for packs whose records are compared
 * with the manifest one by one (format.md 5.3).
 *
 * @throws HoldfastError as `verifiedBytes` does.
 */
export async function* countedBytes(
  bytes: AsyncIterable<Buffer>,
  stored: Pick<StoredObject, 'size'>,
  origin: Origin,
): AsyncGenerator<Buffer> {
  let size = 0;
  try {
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > stored.size) {
        throw damaged(origin, 'altered');
      }
      yield chunk;
    }
  } catch (error) {
    // A connection that breaks in the middle is not damage: reading again may help.
    throw error instanceof HoldfastError ? error : new HoldfastError('COPY_UNAVAILABLE', origin);
  }
  if (size < stored.size) {
    throw damaged(origin, 'truncated');
  }
}
