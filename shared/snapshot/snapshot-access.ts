import type { CopyName, PerCopy } from '../domain/copy-name.ts';
import type { StoredObject } from '../domain/records.ts';
import { openMessage } from '../format/compressed-message.ts';
import type { MessageIdentity } from '../format/message.ts';
import { verifiedBytes } from '../format/verified-bytes.ts';
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
 * Streams the plaintext of an encrypted object from one copy. The ciphertext is compared with its
 * size and SHA-256 on the way (format.md 5.3).
 *
 * @throws HoldfastError `OBJECT_MISSING`, `OBJECT_DAMAGED`, `COPY_UNAVAILABLE`, `COPY_DENIED`,
 * `KEYS_UNUSABLE`, `KEYS_UNAVAILABLE`.
 */
export async function* openStored(
  access: SnapshotAccess,
  copy: CopyName,
  stored: StoredObject,
  identity: MessageIdentity,
): AsyncGenerator<Buffer> {
  const { services, keys } = access;
  const origin = { copy, object: stored.key };
  const from = services.copies[copy];
  const bytes = await from.read(stored.key, await versionIn(from, stored));
  const keyring = services.custody.unwrapping(keys, copy);
  yield* openMessage(verifiedBytes(bytes, stored, origin), keyring, identity, origin);
}
