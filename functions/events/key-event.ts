import { z } from 'zod';
import type { KeyEvent } from '../../shared/erasure/key-event.ts';

/**
 * An EventBridge event that CloudTrail delivers for a KMS call, or for what KMS does by itself:
 * CloudTrail record contents, https://docs.aws.amazon.com/awscloudtrail/latest/userguide/
 * cloudtrail-event-reference-record-contents.html. `aws.` sources cannot be put by anyone but AWS.
 */
export const keyTrailEvent = z.object({
  source: z.literal('aws.kms'),
  account: z.string(),
  region: z.string(),
  detail: z.object({
    eventName: z.string(),
    eventID: z.string(),
    eventTime: z.string(),
    eventType: z.string().optional(),
    awsRegion: z.string().optional(),
    /** Present when the call failed: nothing happened to the key. */
    errorCode: z.string().optional(),
    userIdentity: z.object({ arn: z.string().optional() }).nullish(),
    resources: z.array(z.object({ ARN: z.string().optional() })).nullish(),
    requestParameters: z.object({ keyId: z.string().optional() }).nullish(),
  }),
});

/**
 * @returns what happened to which key; `null` when nothing did: the call failed, names no key, or
 * claims a destruction that was not KMS's own doing (`DeleteKey` has the type `AwsServiceEvent`,
 * https://docs.aws.amazon.com/kms/latest/developerguide/ct-delete-key.html).
 */
export function keyEventOf(event: z.output<typeof keyTrailEvent>): KeyEvent | null {
  const { detail } = event;
  const region = detail.awsRegion ?? event.region;
  const keyArn = keyArnOf(event, region);
  const claimed = detail.eventName === 'DeleteKey' && detail.eventType !== 'AwsServiceEvent';
  if (detail.errorCode !== undefined || keyArn === null || claimed) {
    return null;
  }
  return {
    eventName: detail.eventName,
    eventId: detail.eventID,
    eventTime: detail.eventTime,
    region,
    keyArn,
    actorArn: detail.userIdentity?.arn ?? null,
  };
}

function keyArnOf(event: z.output<typeof keyTrailEvent>, region: string): string | null {
  const { resources, requestParameters } = event.detail;
  const named = resources?.find(({ ARN }) => ARN?.includes(':key/'))?.ARN;
  const keyId = named ?? requestParameters?.keyId;
  if (keyId === undefined || keyId.startsWith('arn:')) {
    return keyId ?? null;
  }
  return `arn:${partitionOf(region)}:kms:${region}:${event.account}:key/${keyId}`;
}

/** Prefixes of Regions outside the `aws` partition, from the AWS General Reference. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) {
    return 'aws-cn';
  }
  if (region.startsWith('eusc-')) {
    return 'aws-eusc';
  }
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
