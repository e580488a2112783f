import { isFault } from '../domain/errors.ts';
import {
  type CheckpointFile,
  type CheckpointStatement,
  parseCheckpointFile,
  parseCheckpointStatement,
} from '../format/checkpoint.ts';
import { CHECKPOINTS, checkpointKey } from '../format/object-keys.ts';
import { damaged } from '../format/origin.ts';
import { openStatement } from '../format/signed-statement.ts';
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

/** Months that are looked through for the last one: with none in two, there is none. */
const MONTHS = 2;

/**
 * Finds the last checkpoint at or before a day, in whichever copy answers first.
 *
 * @param date - day such as `2026-11-23`.
 * @returns `undefined` when there is none in that month and the one before.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED` when neither copy answers;
 * `OBJECT_DAMAGED` when it is no checkpoint; `SIGNATURE_INVALID` when its signature does not hold.
 */
export async function findCheckpoint(
  services: Pick<Services, 'copies' | 'signing'>,
  date: string,
): Promise<FoundCheckpoint | undefined> {
  const found = await locate(services, date);
  if (found === undefined) {
    return undefined;
  }
  const { copy, key, versionId } = found;
  const bytes = await readObject(copy, key, versionId);
  const file = parseCheckpointFile(bytes);
  if (file === undefined) {
    throw damaged({ copy: copy.name, object: key }, 'malformed: it is not a checkpoint');
  }
  const publicKey = await services.signing.publicKey();
  const { payload, payloadSha256 } = await openStatement(
    'holdfast-checkpoint',
    file.jws,
    publicKey,
  );
  const statement = parseCheckpointStatement(payload);
  if (statement === undefined) {
    throw damaged({ copy: copy.name, object: key }, 'malformed: it states no heads');
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
  date: string,
): Promise<Located | undefined> {
  try {
    return await locateIn(copies.primary, date);
  } catch (error) {
    if (!isFault(error, 'COPY_UNAVAILABLE', 'COPY_DENIED')) {
      throw error;
    }
    return locateIn(copies.secondary, date);
  }
}

async function locateIn(copy: Copy, date: string): Promise<Located | undefined> {
  for (const month of lastMonths(date)) {
    let last: Located | undefined;
    for await (const { key, versionId, isDeleteMarker } of copy.list(`${CHECKPOINTS}${month}`)) {
      // Versions of a key come newest first: the one that was written first is the last.
      if (!isDeleteMarker && key <= checkpointKey(date)) {
        last = { copy, key, versionId };
      }
    }
    if (last !== undefined) {
      return last;
    }
  }
  return undefined;
}

/** @returns months such as `2026-11`, the latest first. */
function lastMonths(date: string): string[] {
  const [year = 0, month = 0] = date.split('-').map(Number);
  return Array.from({ length: MONTHS }, (_, back) => {
    const first = new Date(Date.UTC(year, month - 1 - back, 1));
    return first.toISOString().slice(0, 7);
  });
}
