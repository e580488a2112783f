import type { Readable } from 'node:stream';
import { HoldfastError, isFault } from '../domain/errors.ts';
import { readKeyNames } from '../format/message-reader.ts';
import type { Copy } from '../ports/copy.ts';

/** Far more than the header of any message of Holdfast's takes. */
const HEADER_BYTES = 64 * 1024;

/**
 * Reads which keys open an object, from its plain header (format.md 2.2, 2.7).
 *
 * @returns their names; none when it is gone, or no message.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`.
 */
export async function keysOfMessage(copy: Copy, key: string, versionId: string): Promise<string[]> {
  const start = await startOf(copy, key, versionId);
  try {
    return await readKeyNames(asIterable(start));
  } catch {
    return [];
  }
}

async function startOf(copy: Copy, key: string, versionId: string): Promise<Buffer> {
  let body: Readable;
  try {
    body = await copy.read(key, versionId);
  } catch (error) {
    if (!isFault(error, 'OBJECT_MISSING')) {
      throw error;
    }
    return Buffer.alloc(0);
  }
  try {
    return await firstBytes(body as AsyncIterable<Buffer>);
  } catch (error) {
    // What cannot be read is not what is no message: who asks must be able to tell them apart.
    throw error instanceof HoldfastError
      ? error
      : new HoldfastError('COPY_UNAVAILABLE', { copy: copy.name, object: key });
  } finally {
    body.destroy();
  }
}

async function firstBytes(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= HEADER_BYTES) {
      break;
    }
  }
  return Buffer.concat(chunks);
}

async function* asIterable(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
