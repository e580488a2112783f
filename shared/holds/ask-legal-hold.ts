import { isFault } from '../domain/errors.ts';
import type { Copy } from '../ports/copy.ts';

/**
 * Asks a copy whether a version is under S3's legal hold.
 * @returns `null` when that cannot be said: it is not there, or the copy does not answer.
 */
export async function askLegalHold(
  copy: Copy,
  key: string,
  versionId: string,
): Promise<boolean | null> {
  try {
    return (await copy.inspect(key, versionId))?.legalHold ?? null;
  } catch (error) {
    if (!isFault(error, 'COPY_UNAVAILABLE', 'COPY_DENIED')) {
      throw error;
    }
    return null;
  }
}
