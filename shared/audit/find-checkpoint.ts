import { COPY_NAMES } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import {
  type CheckpointFile,
  type CheckpointStatement,
  parseCheckpointFile,
  parseCheckpointStatement,
  rootOf,
} from '../format/checkpoint.ts';
import { CHECKPOINTS, checkpointKey } from '../format/object-keys.ts';
import { damaged } from '../format/origin.ts';
import { namedKey, openStatement } from '../format/signed-statement.ts';
import type { Copy } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { readObject } from '../proof/read-object.ts';

/** A checkpoint whose signature was found good. */
export interface FoundCheckpoint {
  readonly file: CheckpointFile;
  /** The bytes of the file as they lie in the copy. */
  readonly bytes: Buffer;
  readonly statement: CheckpointStatement;
  /** Lower-case hex SHA-256 of what was signed. */
  readonly payloadSha256: string;
}

/**
 * Finds the last checkpoint at or before a day, however long ago that was. A day that one copy
 * missed counts when the other has it, and a copy that does not answer is passed over as long as
 * the other one does.
 *
 * @param date - day such as `2026-11-23`.
 * @returns `undefined` when there is none.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED` when neither copy answers;
 * `OBJECT_DAMAGED` when it is no checkpoint, not the one of its name, or its heads are not those
 * that were signed; `SIGNATURE_INVALID` when neither the
 * signing key nor one that signed before has signed it.
 */
export async function findCheckpoint(
  services: Pick<Services, 'copies' | 'signing'>,
  date: string,
): Promise<FoundCheckpoint | undefined> {
  const found = await locate(services, checkpointKey(date));
  if (found === undefined) {
    return undefined;
  }
  const { copy, key, versionId } = found;
  const origin = { copy: copy.name, object: key };
  const bytes = await readObject(copy, key, versionId);
  const file = parseCheckpointFile(bytes);
  if (file === undefined) {
    throw damaged(origin, 'malformed: it is not a checkpoint');
  }
  const { signing } = services;
  const present = await signing.publicKey();
  const publicKey = await namedKey(file.jws, present, ...signing.retiredKeys());
  const { payload, payloadSha256 } = await openStatement(
    'holdfast-checkpoint',
    file.jws,
    publicKey,
  );
  const statement = parseCheckpointStatement(payload);
  if (statement === undefined) {
    throw damaged(origin, 'malformed: it states no heads');
  }
  if (checkpointKey(statement.date) !== key) {
    throw damaged(origin, 'belongs to another object');
  }
  // Beside the signed root, the heads themselves are only as good as who wrote the object.
  if (statement.chains !== file.heads.length || statement.root !== rootOf(file.heads)) {
    throw damaged(origin, 'altered');
  }
  return { file, bytes, statement, payloadSha256 };
}

interface Located {
  readonly copy: Copy;
  readonly key: string;
  readonly versionId: string;
}

async function locate(
  { copies }: Pick<Services, 'copies'>,
  upTo: string,
): Promise<Located | undefined> {
  const looked = await Promise.allSettled(COPY_NAMES.map((name) => locateIn(copies[name], upTo)));
  const answered = looked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = looked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const unexpected = failed.find((error) => !isFault(error, 'COPY_UNAVAILABLE', 'COPY_DENIED'));
  if (unexpected !== undefined || answered.length === 0) {
    throw unexpected ?? failed[0];
  }
  const [one, other] = answered;
  return other !== undefined && (one === undefined || other.key > one.key) ? other : one;
}

async function locateIn(copy: Copy, upTo: string): Promise<Located | undefined> {
  let last: Located | undefined;
  for await (const { key, versionId, isDeleteMarker } of copy.list(CHECKPOINTS)) {
    // Versions of a key come newest first: the one that was written first is the last.
    if (!isDeleteMarker && key <= upTo) {
      last = { copy, key, versionId };
    }
  }
  return last;
}
