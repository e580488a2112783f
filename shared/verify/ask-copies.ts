import { type CopyName, inBothCopies } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { StoredObject } from '../domain/records.ts';
import type { CopyObjectState } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { MISSING } from './read-whole.ts';
import type { VerificationTally } from './verification-tally.ts';
import { type VerifiedSnapshot, versionOf } from './verified-snapshot.ts';

/** How many objects of one copy are asked for at once. */
const QUESTIONS_AT_ONCE = 16;

/** Told of every object that S3 says is as it should be. */
type OnSound = (copy: CopyName, object: StoredObject) => void;

/**
 * Asks both copies about every object of a snapshot: whether it is there, how large it is, what its
 * SHA-256 is where S3 knows that of the whole object, and how long it is locked. Nothing is read,
 * so what S3 does not notice is not found.
 */
export async function askCopies(
  services: Pick<Services, 'copies'>,
  snapshot: VerifiedSnapshot,
  tally: VerificationTally,
  onSound: OnSound,
): Promise<void> {
  const objects = [...snapshot.packs, ...snapshot.manifests, snapshot.seal];
  await inBothCopies(async (copy) => {
    try {
      for (let start = 0; start < objects.length; start += QUESTIONS_AT_ONCE) {
        const batch = objects.slice(start, start + QUESTIONS_AT_ONCE);
        const ask = (object: StoredObject) =>
          askAbout(services, snapshot.renewedLock, copy, object, tally, onSound);
        await Promise.all(batch.map(ask));
      }
    } catch (error) {
      if (!isFault(error, 'COPY_UNAVAILABLE', 'COPY_DENIED')) {
        throw error;
      }
      tally.leaveOut(error.code);
    }
  });
}

async function askAbout(
  { copies }: Pick<Services, 'copies'>,
  renewedLock: Date,
  copy: CopyName,
  object: StoredObject,
  tally: VerificationTally,
  onSound: OnSound,
): Promise<void> {
  const versionId = versionOf(object, copy);
  if (versionId === null) {
    tally.count(copy, { absent: 1 });
    return;
  }
  const state = await copies[copy].inspect(object.key, versionId);
  const problem = problemOf(state, object, renewedLock);
  if (problem !== null) {
    tally.find(copy, object.key, problem);
  } else if (!tally.isFound(copy, object.key)) {
    onSound(copy, object);
  }
}

function problemOf(
  state: CopyObjectState | undefined,
  object: StoredObject,
  renewedLock: Date,
): string | null {
  if (state === undefined) {
    return MISSING;
  }
  if (state.size !== object.size) {
    return `has ${state.size} bytes instead of ${object.size}`;
  }
  if (state.sha256 !== null && state.sha256 !== object.sha256) {
    return 'altered';
  }
  // As long as it lasts, a legal hold locks without an end.
  if (state.legalHold) {
    return null;
  }
  if (state.lockedUntil === null) {
    return 'not locked';
  }
  return state.lockedUntil < renewedLock
    ? `locked until ${state.lockedUntil.toISOString()} only`
    : null;
}
