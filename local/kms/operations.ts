import {
  cancelKeyDeletion,
  disableKey,
  enableKey,
  scheduleKeyDeletion,
} from './change-key-state.ts';
import {
  decrypt,
  encrypt,
  generateDataKey,
  generateDataKeyWithoutPlaintext,
  generateRandom,
  reEncrypt,
} from './encrypt-data.ts';
import {
  disableKeyRotation,
  enableKeyRotation,
  getKeyPolicy,
  getKeyRotationStatus,
  listKeyPolicies,
  putKeyPolicy,
} from './key-policy.ts';
import type { KmsOperation } from './kms-call.ts';
import { createAlias, deleteAlias, listAliases, updateAlias } from './manage-aliases.ts';
import { createKey, describeKey, listKeys, updateKeyDescription } from './manage-keys.ts';
import { listResourceTags, tagResource, untagResource } from './manage-tags.ts';
import { getPublicKey, sign, verify } from './sign-message.ts';

/** Operations that change the store; each runs in a transaction. */
export const CHANGING_OPERATIONS: ReadonlyMap<string, KmsOperation> = new Map(
  Object.entries({
    CancelKeyDeletion: cancelKeyDeletion,
    CreateAlias: createAlias,
    CreateKey: createKey,
    DeleteAlias: deleteAlias,
    DisableKey: disableKey,
    DisableKeyRotation: disableKeyRotation,
    EnableKey: enableKey,
    EnableKeyRotation: enableKeyRotation,
    PutKeyPolicy: putKeyPolicy,
    ScheduleKeyDeletion: scheduleKeyDeletion,
    TagResource: tagResource,
    UntagResource: untagResource,
    UpdateAlias: updateAlias,
    UpdateKeyDescription: updateKeyDescription,
  }),
);

/** Operations that only read the store, cryptography included; these take `DryRun`. */
export const READING_OPERATIONS: ReadonlyMap<string, KmsOperation> = new Map(
  Object.entries({
    Decrypt: decrypt,
    DescribeKey: describeKey,
    Encrypt: encrypt,
    GenerateDataKey: generateDataKey,
    GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext,
    GenerateRandom: generateRandom,
    GetKeyPolicy: getKeyPolicy,
    GetKeyRotationStatus: getKeyRotationStatus,
    GetPublicKey: getPublicKey,
    ListAliases: listAliases,
    ListKeyPolicies: listKeyPolicies,
    ListKeys: listKeys,
    ListResourceTags: listResourceTags,
    ReEncrypt: reEncrypt,
    Sign: sign,
    Verify: verify,
  }),
);
