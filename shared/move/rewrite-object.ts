import { createHash } from 'node:crypto';
import { uploadToBoth } from '../backup/dual-upload.ts';
import { type CopyName, inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';
import { daysAfter } from '../domain/lock.ts';
import type { MovedObject, VaultMove } from '../domain/move-records.ts';
import type { StoredObject } from '../domain/records.ts';
import { openCompressed } from '../format/compressed-message.ts';
import { damaged } from '../format/origin.ts';
import { rewriteMessage } from '../format/rewrite-message.ts';
import { verifiedBytes } from '../format/verified-bytes.ts';
import type { CopyWrite } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { versionIn } from '../snapshot/find-version.ts';
import type { ObjectToMove } from './objects-to-move.ts';

type RewritingServices = Pick<Services, 'clock' | 'copies' | 'custody'>;

const BINARY = 'application/octet-stream';

/**
 * Encrypts an object once more, under the new keys of its vault, and writes it to both copies as a
 * further version of its name, locked as long as before. Both are read back then, each with the new
 * key of its own Region alone: their plaintext must be what the old ciphertext held.
 *
 * @throws HoldfastError `OBJECT_MISSING`, `OBJECT_DAMAGED` when neither copy has it whole;
 * `COPY_UNAVAILABLE` unless both copies took it; `COPY_DENIED`, `KEYS_UNUSABLE`,
 * `KEYS_UNAVAILABLE`.
 */
export async function rewriteObject(
  services: RewritingServices,
  move: VaultMove,
  object: ObjectToMove,
): Promise<MovedObject> {
  const choice = new CopyChoice('any');
  const order = choice.order();
  for (const copy of order) {
    try {
      return await rewriteFrom(services, move, object, copy);
    } catch (error) {
      choice.passOver(copy, order, error);
    }
  }
  throw new Error('A choice of copies is never empty.');
}

async function rewriteFrom(
  services: RewritingServices,
  { from, to }: VaultMove,
  { stored, identity, lockedUntil }: ObjectToMove,
  copy: CopyName,
): Promise<MovedObject> {
  const { copies, custody, clock } = services;
  const { key } = stored;
  const write = besides(lockedUntil, clock.now(), BINARY);
  const readFrom = async (one: StoredObject, name: CopyName, keys: PerCopy<string>) => {
    const origin = { copy: name, object: key };
    const bytes = await copies[name].read(key, await versionIn(copies[name], one));
    const ciphertext = verifiedBytes(bytes, one, origin);
    return openCompressed(ciphertext, custody.unwrapping(keys, name), identity, origin);
  };
  const { stored: written, plaintextSha256 } = await rewriteMessage(
    await readFrom(stored, copy, from),
    custody.wrapping(to),
    identity,
    (message) => uploadToBoth(copies, key, write, message),
  );
  const moved = movedObject(identity.vaultId, { stored, lockedUntil }, written, write);
  await inBothCopies(async (name) => {
    if ((await sha256Of(await readFrom(written, name, to))) !== plaintextSha256) {
      throw damaged({ copy: name, object: key }, 'altered');
    }
  });
  return moved;
}

/** @returns how an object is written anew: locked as before, and for a day at least. */
export function besides(lockedUntil: string, now: Date, contentType: string): CopyWrite {
  const [before, least] = [new Date(lockedUntil), daysAfter(now, 1)];
  return { lockedUntil: before > least ? before : least, contentType, besides: true };
}

/**
 * @returns what is to be remembered of an object that was written anew.
 * @throws HoldfastError `COPY_UNAVAILABLE` when one copy did not take it.
 */
export function movedObject(
  vaultId: string,
  { stored, lockedUntil }: Pick<ObjectToMove, 'stored' | 'lockedUntil'>,
  written: StoredObject,
  write: CopyWrite,
): MovedObject {
  const { key, size, sha256 } = written;
  const { primary, secondary } = written.versions;
  if (primary === null || secondary === null) {
    const copy = primary === null ? 'primary' : 'secondary';
    throw new HoldfastError('COPY_UNAVAILABLE', { copy, object: key });
  }
  const end = write.lockedUntil.toISOString();
  return {
    kind: 'moved-object',
    vaultId,
    key,
    before: { versions: stored.versions, lockedUntil },
    after: { size, sha256, versions: { primary, secondary }, lockedUntil: end },
  };
}

async function sha256Of(bytes: AsyncIterable<Buffer>): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of bytes) {
    digest.update(chunk);
  }
  return digest.digest('hex');
}
