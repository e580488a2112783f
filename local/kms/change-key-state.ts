import { findKey, refusePendingDeletion } from './find-key.ts';
import type { KmsOperation } from './kms-call.ts';
import { kmsError } from './kms-error.ts';
import { optionalInteger } from './read-parameter.ts';
import { apiCallEvent, trailDate } from './trail-event.ts';

/** Waiting period before a key is destroyed, in days. API reference of ScheduleKeyDeletion. */
const DELETION_WINDOW_DAYS = { min: 7, max: 30, fallback: 30 } as const;

const DAY_MS = 86_400_000;

export const enableKey: KmsOperation = (call) => {
  const key = findKey(call);
  refusePendingDeletion(key);
  call.store.setState(key.keyId, 'Enabled', undefined);
  call.outbox.record(apiCallEvent(call, key, 'EnableKey', { keyId: key.arn }));
  return {};
};

export const disableKey: KmsOperation = (call) => {
  const key = findKey(call);
  refusePendingDeletion(key);
  call.store.setState(key.keyId, 'Disabled', undefined);
  call.outbox.record(apiCallEvent(call, key, 'DisableKey', { keyId: key.arn }));
  return {};
};

/** The key is unusable at once and destroyed when the embedded clock passes its `DeletionDate`. */
export const scheduleKeyDeletion: KmsOperation = (call) => {
  const key = findKey(call);
  const days = optionalInteger(call.input, 'PendingWindowInDays', DELETION_WINDOW_DAYS);
  refusePendingDeletion(key);
  const deletionDate = new Date(call.now.getTime() + days * DAY_MS);
  call.store.setState(key.keyId, 'PendingDeletion', deletionDate.getTime());
  call.outbox.record(
    apiCallEvent(call, key, 'ScheduleKeyDeletion', {
      keyId: key.arn,
      keyState: 'PendingDeletion',
      deletionDate: trailDate(deletionDate),
    }),
  );
  return {
    KeyId: key.arn,
    DeletionDate: deletionDate.getTime() / 1000,
    KeyState: 'PendingDeletion',
    PendingWindowInDays: days,
  };
};

/** The key is Disabled afterwards; enabling it is a second call, as in AWS. */
export const cancelKeyDeletion: KmsOperation = (call) => {
  const key = findKey(call);
  if (key.state !== 'PendingDeletion') {
    throw kmsError('KMSInvalidStateException', `${key.arn} is not pending deletion.`);
  }
  call.store.setState(key.keyId, 'Disabled', undefined);
  call.outbox.record(apiCallEvent(call, key, 'CancelKeyDeletion', { keyId: key.arn }));
  return { KeyId: key.arn };
};
