import { WHOLE_BYTES } from '../domain/limits.ts';

/**
 * Buffers kept for later: a pack and the part of the manifest that goes with it. More are made when
 * more objects are written at once, and dropped afterwards.
 */
const KEPT = 2;

const kept: Buffer[] = [];

/**
 * Lends a buffer of `WHOLE_BYTES` that was used before, or a new one. Fresh memory costs 0.6 ms
 * for each MiB that is touched, as much as to hash it; what is not touched costs nothing.
 *
 * @param use - has it for itself until it has ended. Requests that were given up may still read
 * from it afterwards: S3 refuses what they send then, as its SHA-256 is another one.
 * @returns what `use` returns.
 */
export async function withUploadBuffer<T>(use: (buffer: Buffer) => Promise<T>): Promise<T> {
  const buffer = kept.pop() ?? Buffer.allocUnsafeSlow(WHOLE_BYTES);
  try {
    return await use(buffer);
  } finally {
    if (kept.length < KEPT) {
      kept.push(buffer);
    }
  }
}
