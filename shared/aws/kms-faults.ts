import { HoldfastError } from '../domain/errors.ts';
import { awsAnswerOf } from './translate-errors.ts';

/** Whose key a call was about. */
export type KeyOwner = { readonly vaultId: string } | { readonly keyId: string };

/**
 * What KMS answers when it has judged a key or a caller (KMS API, errors of Decrypt and EnableKey).
 * Anything else, such as expired credentials, says nothing about the key. That it is destroyed is
 * said by one of these alone (`GONE_ANSWER`).
 */
const JUDGED_BY_KMS: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'DisabledException',
  'IncorrectKeyException',
  'InvalidCiphertextException',
  'InvalidKeyUsageException',
  'KMSInvalidStateException',
  'NotFoundException',
]);

/** @returns `KEYS_UNUSABLE` with KMS's own error name; `KEYS_UNAVAILABLE` if KMS judged nothing. */
export function keyFault(owner: KeyOwner, error: unknown): HoldfastError {
  const answer = awsAnswerOf(error);
  return JUDGED_BY_KMS.has(answer.code)
    ? new HoldfastError('KEYS_UNUSABLE', { ...owner, states: answer.code }, answer)
    : new HoldfastError('KEYS_UNAVAILABLE', owner, answer);
}

/** @returns a key's own id, the last part of its ARN. */
export function ownerOf(keyArn: string): KeyOwner {
  return { keyId: keyArn.slice(keyArn.lastIndexOf('/') + 1) };
}
