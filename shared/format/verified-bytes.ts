import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
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
  bytes: Readable,
  stored: Pick<StoredObject, 'size' | 'sha256'>,
  origin: Origin,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of withNamedFailure(bytes, origin)) {
    size += chunk.length;
    if (size > stored.size) {
      throw damaged(origin, 'altered');
    }
    hash.update(chunk);
    yield chunk;
  }
  if (size < stored.size) {
    throw damaged(origin, 'truncated');
  }
  if (hash.digest('hex') !== stored.sha256) {
    throw damaged(origin, 'altered');
  }
}

/** A connection that breaks in the middle is not damage: reading again may help. */
async function* withNamedFailure(bytes: Readable, origin: Origin): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    throw error instanceof HoldfastError ? error : new HoldfastError('COPY_UNAVAILABLE', origin);
  }
}
