import { HoldfastError } from '../domain/errors.ts';
import type { SignedHead } from '../format/audit-bundle.ts';
import { proveHead } from '../format/checkpoint.ts';
import type { Services } from '../ports/services.ts';
import { findCheckpoint } from './find-checkpoint.ts';

/** Where a chain stood at a checkpoint, and which checkpoint that is. */
export interface FoundHead {
  readonly head: SignedHead;
  /** Lower-case hex SHA-256 of what the checkpoint has signed. */
  readonly payloadSha256: string;
}

/**
 * @param date - the last checkpoint up to that day is taken; default: the last one of all.
 * @returns where an audit chain stood at the checkpoint, with the proof that it was among what was
 * signed; `undefined` when no day is named and the last checkpoint does not cover the chain yet.
 * @throws HoldfastError `CHECKPOINT_UNKNOWN` when a day is named and there is none up to it that
 * covers the chain; `COPY_UNAVAILABLE`, `COPY_DENIED`, `OBJECT_DAMAGED`, `SIGNATURE_INVALID`,
 * `SIGNING_UNAVAILABLE`.
 */
export async function findSignedHead(
  services: Pick<Services, 'copies' | 'signing' | 'clock'>,
  chainId: string,
  date: string | undefined,
): Promise<FoundHead | undefined> {
  const today = services.clock.now().toISOString().slice(0, 10);
  const found = await findCheckpoint(services, date ?? today);
  const proof = found && proveHead(found.file.heads, chainId);
  const head = proof && found.file.heads[proof.index];
  if (found === undefined || proof === undefined || head === undefined) {
    if (date !== undefined) {
      throw new HoldfastError('CHECKPOINT_UNKNOWN', { chainId, date });
    }
    return undefined;
  }
  const { jws, timestampToken } = found.file;
  const [, entries, hash, finding = null] = head;
  const { index, path } = proof;
  return {
    head: { jws, timestampToken, entries, head: hash, finding, index, path: [...path] },
    payloadSha256: found.payloadSha256,
  };
}
