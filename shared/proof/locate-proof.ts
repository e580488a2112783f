import { COPY_NAMES } from '../domain/copy-name.ts';
import type { Copy } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';

/** Where a proof lies. */
export interface LocatedProof {
  readonly copy: Copy;
  readonly versionId: string;
}

/**
 * Looks for a proof in both copies. One copy that has it is enough; a copy that does not answer is
 * passed over as long as the other one does. A delete marker hides nothing: what was locked is
 * still there under its version, and the first version of a name is the one that counts.
 *
 * @returns `undefined` when no copy that answered has it.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED` when neither copy answers.
 */
export async function locateProof(
  { copies }: Pick<Services, 'copies'>,
  key: string,
): Promise<LocatedProof | undefined> {
  const looked = await Promise.allSettled(COPY_NAMES.map((name) => locateIn(copies[name], key)));
  const answered = looked.filter((one) => one.status === 'fulfilled');
  const [failed] = looked.filter((one) => one.status === 'rejected');
  if (answered.length === 0 && failed !== undefined) {
    throw failed.reason;
  }
  return answered.map(({ value }) => value).find((value) => value !== undefined);
}

/** @returns the first version of a name in one copy. @throws what the copy throws. */
export async function locateIn(copy: Copy, key: string): Promise<LocatedProof | undefined> {
  let first: LocatedProof | undefined;
  for await (const listed of copy.list(key)) {
    if (listed.key === key && !listed.isDeleteMarker) {
      first = { copy, versionId: listed.versionId };
    }
  }
  return first;
}
