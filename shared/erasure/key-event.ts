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

/**
 * What the erasing function does to a key. Everything else is nobody's work: a key gets its policy
 * when it is made and keeps it. `DeleteKey` has no caller and is judged by the ledger.
 */
const ERASING_EVENTS: readonly string[] = [
  'DisableKey',
  'EnableKey',
  'ScheduleKeyDeletion',
  'CancelKeyDeletion',
];

/** @returns whether the erasing function caused the event, and it is one of its works. */
export function isErasersOwn(event: KeyEvent, installation: string): boolean {
  if (!ERASING_EVENTS.includes(event.eventName) || event.actorArn === null) {
    return false;
  }
  // arn:aws:sts::<account>:assumed-role/<role name>/<session>
  const [, role] = event.actorArn.split(':assumed-role/');
  return role?.split('/')[0] === functionRole(installation, 'advance-erasures');
}
