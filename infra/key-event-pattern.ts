import type { EventPattern } from 'aws-cdk-lib/aws-events';

/** What may happen to a key's usability, by its name in CloudTrail. */
export const KEY_EVENTS = [
  'DisableKey',
  'EnableKey',
  'ScheduleKeyDeletion',
  'CancelKeyDeletion',
  'PutKeyPolicy',
  'DeleteKey',
] as const;

/**
 * Matches key events as CloudTrail reports them. `DeleteKey` is done by KMS itself at the end of
 * the waiting period and so arrives as a service event, the others as API calls (KMS developer
 * guide, "Logging KMS API calls"). EventBridge sees either only in a Region that has a trail.
 */
export function keyEventPattern(...events: (typeof KEY_EVENTS)[number][]): EventPattern {
  return {
    source: ['aws.kms'],
    detailType: ['AWS API Call via CloudTrail', 'AWS Service Event via CloudTrail'],
    detail: { eventSource: ['kms.amazonaws.com'], eventName: events },
  };
}
