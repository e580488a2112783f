import type { JsonObject } from '../gateway/json-protocol.ts';
import { findKey, refuseDisabled, refusePendingDeletion } from './find-key.ts';
import type { KmsCall, KmsOperation } from './kms-call.ts';
import { invalidParameter, kmsError } from './kms-error.ts';
import { optionalInteger, optionalText, requiredText } from './read-parameter.ts';
import { apiCallEvent } from './trail-event.ts';

/** Largest key policy in bytes. KMS resource quotas. */
const MAX_POLICY_BYTES = 32 * 1024;
/** The only policy name KMS has. */
const POLICY_NAME = 'default';
/** Days between rotations unless told otherwise. API reference of EnableKeyRotation. */
const ROTATION_DAYS = { min: 90, max: 2560, fallback: 365 } as const;

/** Key policies are stored, not enforced: the embedded AWS does not evaluate policies. */
export const putKeyPolicy: KmsOperation = (call) => {
  const key = findKey(call);
  refuseOtherPolicyName(call);
  const policy = readPolicy(call.input);
  call.store.sql('UPDATE keys SET policy = ? WHERE key_id = ?').run(policy, key.keyId);
  call.outbox.record(apiCallEvent(call, key, 'PutKeyPolicy', { keyId: key.arn }));
  return {};
};

export const getKeyPolicy: KmsOperation = (call) => {
  const key = findKey(call);
  refuseOtherPolicyName(call);
  return { Policy: key.policy, PolicyName: POLICY_NAME };
};

export const listKeyPolicies: KmsOperation = (call) => {
  findKey(call);
  return { PolicyNames: [POLICY_NAME], Truncated: false };
};

/** Rotation is stored, but makes no new material. */
export const enableKeyRotation: KmsOperation = (call) => {
  optionalInteger(call.input, 'RotationPeriodInDays', ROTATION_DAYS);
  return setRotation(call, true);
};

export const disableKeyRotation: KmsOperation = (call) => setRotation(call, false);

export const getKeyRotationStatus: KmsOperation = (call) => {
  const key = findKey(call);
  return { KeyId: key.arn, KeyRotationEnabled: key.rotationEnabled };
};

/** @throws LocalAwsError `MalformedPolicyDocumentException`, `LimitExceededException`. */
export function readPolicy(input: JsonObject): string {
  const policy = requiredText(input, 'Policy');
  if (Buffer.byteLength(policy) > MAX_POLICY_BYTES) {
    throw kmsError('LimitExceededException', `a key policy has at most ${MAX_POLICY_BYTES} bytes`);
  }
  try {
    const document = JSON.parse(policy) as { Statement?: unknown } | null;
    if (document?.Statement !== undefined) return policy;
  } catch {
    // Not JSON: refused below, like JSON that is no policy.
  }
  throw kmsError('MalformedPolicyDocumentException', 'the policy is no JSON with a Statement');
}

/** What AWS gives a key made without a policy: the account decides through IAM. */
export function defaultKeyPolicy(call: KmsCall): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:${call.partition}:iam::${call.accountId}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });
}

function setRotation(call: KmsCall, enabled: boolean): JsonObject {
  const key = findKey(call);
  refusePendingDeletion(key);
  refuseDisabled(key);
  if (key.usage !== 'ENCRYPT_DECRYPT') {
    throw kmsError('UnsupportedOperationException', `${key.arn} cannot be rotated.`);
  }
  call.store
    .sql('UPDATE keys SET rotation_enabled = ? WHERE key_id = ?')
    .run(enabled ? 1 : 0, key.keyId);
  return {};
}

function refuseOtherPolicyName(call: KmsCall): void {
  const name = optionalText(call.input, 'PolicyName') ?? POLICY_NAME;
  if (name !== POLICY_NAME) throw invalidParameter(`PolicyName must be ${POLICY_NAME}`);
}
