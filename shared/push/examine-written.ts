import { answering } from '../backup/answering-copies.ts';
import { COPY_NAMES, type CopyName } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { StoredObject } from '../domain/records.ts';
import type { CopyObjectState } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';

/** What was written must be. */
export interface WrittenByPush {
  readonly runId: string;
  readonly lockedUntil: Date;
}

/**
 * Compares what a push says it has written with S3's own answers, in every copy it names: each
 * object is there, has its size, its SHA-256 and a COMPLIANCE lock as long as the snapshot's.
 *
 * Of an object that was written in parts S3 knows no SHA-256 of the whole (S3 user guide, "Checking
 * object integrity"): there size and lock are compared, and a deep verification covers the rest.
 *
 * @param objects - few enough to be asked for at once.
 * @throws HoldfastError `PUSH_REFUSED` for the first that is not as it should be;
 * `COPY_UNAVAILABLE`, `COPY_DENIED`.
 */
export async function examineWritten(
  { copies }: Pick<Services, 'copies'>,
  push: WrittenByPush,
  objects: readonly StoredObject[],
): Promise<void> {
  const examine = async (object: StoredObject, copy: CopyName): Promise<void> => {
    const version = object.versions[copy];
    if (version === null) {
      return;
    }
    const state = await copies[copy].inspect(object.key, version);
    const problem = problemOf(state, object, push.lockedUntil);
    if (problem !== undefined) {
      refuse(push.runId, object.key, `${problem} in the ${copy} copy`);
    }
  };
  const asked = objects.flatMap((object) => COPY_NAMES.map((copy) => examine(object, copy)));
  // All have ended before the first failure is thrown: nothing goes on behind it.
  const ended = await Promise.allSettled(asked);
  const failed = ended.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
}

/**
 * Sees to it that at least one copy has a pack locked for long enough. The other one did not answer
 * when its lock was to be extended.
 *
 * @throws HoldfastError `PUSH_REFUSED`, `COPY_UNAVAILABLE` when neither copy answers.
 */
export async function requireLockedSomewhere(
  { copies }: Pick<Services, 'copies'>,
  push: WrittenByPush,
  pack: StoredObject,
): Promise<void> {
  const holders = COPY_NAMES.filter((copy) => pack.versions[copy] !== null);
  const answers = await answering(holders, (copy) =>
    copies[copy].inspect(pack.key, pack.versions[copy] ?? ''),
  );
  const problems = [...answers.values()].map((state) => problemOf(state, pack, push.lockedUntil));
  if (!problems.includes(undefined)) {
    refuse(push.runId, pack.key, problems[0] ?? 'is missing');
  }
}

/** @throws HoldfastError `PUSH_REFUSED`, always. */
export function refuse(runId: string, object: string, problem: string): never {
  throw new HoldfastError('PUSH_REFUSED', { runId, object, problem });
}

function problemOf(
  state: CopyObjectState | undefined,
  { size, sha256 }: StoredObject,
  lockedUntil: Date,
): string | undefined {
  if (state === undefined) {
    return 'is missing';
  }
  if (state.size !== size) {
    return 'has another size';
  }
  if (state.sha256 !== null && state.sha256 !== sha256) {
    return 'has another SHA-256';
  }
  return state.lockedUntil === null || state.lockedUntil < lockedUntil
    ? 'is not locked long enough'
    : undefined;
}
