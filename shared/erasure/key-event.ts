import { functionRole } from '../config/function-roles.ts';

/** What CloudTrail reported about a KMS key, from either Region. */
export interface KeyEvent {
  readonly eventId: string;
  readonly eventName: string;
  readonly eventTime: string;
  readonly region: string;
  readonly keyArn: string;
  /** ARN of the caller; `null` for what KMS does by itself, such as `DeleteKey`. */
  readonly actorArn: string | null;
}

/** What of an event says whose doing it was. */
export type KeyDeed = Pick<KeyEvent, 'eventName' | 'actorArn'>;

/** What the erasing function does to a key in an erasure. */
const ERASING_EVENTS = ['DisableKey', 'EnableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion'];

/** What it does when it puts right what somebody else did. */
const RESTORING_EVENTS = ['EnableKey', 'CancelKeyDeletion'];

/** @returns whether the erasing function caused the event, and it is one of its works. */
export function isErasersOwn(event: KeyDeed, installation: string): boolean {
  return isBy('advance-erasures', event, installation) && ERASING_EVENTS.includes(event.eventName);
}

/** @returns whether it undoes what somebody else did to a key, by a function made for that. */
export function isOwnRepair(event: KeyDeed, installation: string): boolean {
  return event.eventName === 'PutKeyPolicy'
    ? isBy('restore-key-policies', event, installation)
    : isErasersOwn(event, installation) && RESTORING_EVENTS.includes(event.eventName);
}

/** @returns whether it undoes what somebody did to a key of the installation itself. */
export function isInstallationRepair(event: KeyDeed, installation: string): boolean {
  const { eventName } = event;
  return isBy('record-key-event', event, installation) && RESTORING_EVENTS.includes(eventName);
}

function isBy(functionName: string, { actorArn }: KeyDeed, installation: string): boolean {
  // arn:aws:sts::<account>:assumed-role/<role name>/<session>
  const [, role] = actorArn?.split(':assumed-role/') ?? [];
  return role?.split('/')[0] === functionRole(installation, functionName);
}
