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

/** Which function may cause which event. `DeleteKey` has no caller and is judged by the ledger. */
const EXPECTED_FROM: Readonly<Record<string, string>> = {
  DisableKey: 'advance-erasures',
  EnableKey: 'advance-erasures',
  ScheduleKeyDeletion: 'advance-erasures',
  CancelKeyDeletion: 'advance-erasures',
  PutKeyPolicy: 'admin-register',
};

/** @returns whether the event was caused by the one function whose work it is. */
export function isOurOwn(event: KeyEvent, installation: string): boolean {
  const functionName = EXPECTED_FROM[event.eventName];
  if (functionName === undefined || event.actorArn === null) {
    return false;
  }
  // arn:aws:sts::<account>:assumed-role/<role name>/<session>
  const [, role] = event.actorArn.split(':assumed-role/');
  return role?.split('/')[0] === functionRole(installation, functionName);
}
