import { COPY_NAMES } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { StoredObject } from '../domain/records.ts';
import type { CopyWrite } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { repairObject } from '../repair/repair-object.ts';
import { findVersion } from '../snapshot/find-version.ts';
import { answering } from './answering-copies.ts';

/**
 * Finds an object that was announced in the copies that answer, and completes it in the other one
 * if that does.
 *
 * @returns `undefined` when it was not written.
 * @throws HoldfastError `COPY_UNAVAILABLE` when neither copy answers, `COPY_DENIED`.
 */
export async function recoverObject<Stored extends StoredObject>(
  { copies }: Pick<Services, 'copies'>,
  stored: Stored,
  write: CopyWrite,
): Promise<Stored | undefined> {
  const found = await answering(COPY_NAMES, (copy) => findVersion(copies[copy], stored));
  const [primary, secondary] = COPY_NAMES.map((copy) => found.get(copy) ?? null);
  if (primary == null && secondary == null) {
    return undefined;
  }
  const known = { ...stored, versions: { primary: primary ?? null, secondary: secondary ?? null } };
  try {
    return await repairObject(copies, known, write);
  } catch (error) {
    if (!isFault(error, 'COPY_UNAVAILABLE')) {
      throw error;
    }
    return known;
  }
}
