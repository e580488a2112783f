import type { CopyName, PerCopy } from '../domain/copy-name.ts';
import type { StoredObject } from '../domain/records.ts';
import { openMessage } from '../format/compressed-message.ts';
import type { MessageIdentity } from '../format/message.ts';
import { countedBytes, verifiedBytes } from '../format/verified-bytes.ts';
import type { Services } from '../ports/services.ts';
import type { CopyChoice } from './copy-choice.ts';
import { versionIn } from './find-version.ts';

/** What reading a vault's snapshots needs. */
export interface SnapshotAccess {
  readonly services: Pick<Services, 'copies' | 'custody'>;
  /** The vault's KMS key ARN in each Region. */
  readonly keys: PerCopy<string>;
  readonly choice: CopyChoice;
}

/**
 * Streams the plaintext of an encrypted object from one copy, each chunk valid until the next one
 * is asked for. The ciphertext is compared with its size and SHA-256 on the way (format.md 5.3).
 *
 * @throws HoldfastError `OBJECT_MISSING`, `OBJECT_DAMAGED`, `COPY_UNAVAILABLE`, `COPY_DENIED`,
 * `KEYS_UNUSABLE`, `KEYS_UNAVAILABLE`.
 */
export function openStored(
  access: SnapshotAccess,
  copy: CopyName,
  stored: StoredObject,
  identity: MessageIdentity,
): AsyncGenerator<Buffer> {
  return open(access, copy, stored, identity, verifiedBytes);
}

/**
 * As `openStored`, without comparing the ciphertext's SHA-256: for packs whose records are compared
 * with the manifest one by one (format.md 5.3, docs/decisions/0003).
 */
export function openForRecords(
  access: SnapshotAccess,
  copy: CopyName,
  stored: StoredObject,
  identity: MessageIdentity,
): AsyncGenerator<Buffer> {
  return open(access, copy, stored, identity, countedBytes);
}

async function* open(
  { services, keys }: SnapshotAccess,
  copy: CopyName,
  stored: StoredObject,
  identity: MessageIdentity,
  check: typeof verifiedBytes,
): AsyncGenerator<Buffer> {
  const origin = { copy, object: stored.key };
  const from = services.copies[copy];
  const bytes = await from.read(stored.key, await versionIn(from, stored));
  const keyring = services.custody.unwrapping(keys, copy);
  yield* openMessage(check(bytes, stored, origin), keyring, identity, origin);
}
