import { randomUUID } from 'node:crypto';
import type { AwsEvent } from '../events/event-bus.ts';
import type { Identity } from '../gateway/service.ts';
import type { KeyRecord } from './key-record.ts';
import type { KmsCall } from './kms-call.ts';

const EVENT_SOURCE = 'kms.amazonaws.com';
const EVENT_VERSION = '1.08';

/** The event CloudTrail sends for a call that changed a key. */
export function apiCallEvent(
  call: KmsCall,
  key: KeyRecord,
  eventName: string,
  responseElements: Readonly<Record<string, unknown>>,
): AwsEvent {
  const detail = {
    ...commonDetail(key, call.accountId, call.now, eventName),
    eventType: 'AwsApiCall',
    userIdentity: describeCaller(call.request.identity),
    sourceIPAddress: '127.0.0.1',
    userAgent: call.request.headers['user-agent'] ?? '',
    requestParameters: lowerNames(call.input),
    responseElements,
    requestID: call.request.id,
  };
  return wrap(key, call.accountId, call.now, 'AWS API Call via CloudTrail', detail);
}

/**
 * The event CloudTrail sends when a key has really been destroyed: the only positive proof of it.
 * AWS's user guide, "DeleteKey" under "Logging AWS KMS API calls".
 */
export function keyDestroyedEvent(key: KeyRecord, accountId: string, at: Date): AwsEvent {
  const detail = {
    ...commonDetail(key, accountId, at, 'DeleteKey'),
    eventType: 'AwsServiceEvent',
    userIdentity: { accountId, invokedBy: 'AWS Internal' },
    sourceIPAddress: 'AWS Internal',
    userAgent: 'AWS Internal',
    requestParameters: null,
    responseElements: { keyId: key.arn },
  };
  return wrap(key, accountId, at, 'AWS Service Event via CloudTrail', detail);
}

/** A date as CloudTrail prints it in KMS's `responseElements`: `Apr 12, 2021 18:58:30 PM`. */
export function trailDate(date: Date): string {
  const month = date.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' });
  const half = date.getUTCHours() < 12 ? 'AM' : 'PM';
  const time = date.toISOString().slice(11, 19);
  return `${month} ${date.getUTCDate()}, ${date.getUTCFullYear()} ${time} ${half}`;
}

function commonDetail(key: KeyRecord, accountId: string, at: Date, eventName: string) {
  return {
    eventVersion: EVENT_VERSION,
    eventTime: toSeconds(at),
    eventSource: EVENT_SOURCE,
    eventName,
    awsRegion: key.region,
    eventID: randomUUID(),
    readOnly: false,
    resources: [{ accountId, type: 'AWS::KMS::Key', ARN: key.arn }],
    managementEvent: true,
    recipientAccountId: accountId,
    eventCategory: 'Management',
  };
}

function wrap(
  key: KeyRecord,
  account: string,
  at: Date,
  detailType: string,
  detail: Readonly<Record<string, unknown>>,
): AwsEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source: 'aws.kms',
    account,
    time: toSeconds(at),
    region: key.region,
    resources: [],
    detail,
  };
}

function describeCaller(identity: Identity): Record<string, unknown> {
  const { accountId, accessKeyId, arn } = identity;
  const role = /^(arn:[^:]+):sts::(\d+):assumed-role\/([^/]+)\/(.+)$/.exec(arn);
  if (role !== null) {
    const [, prefix, , userName, session] = role;
    const issuer = { type: 'Role', arn: `${prefix}:iam::${accountId}:role/${userName}`, accountId };
    return {
      type: 'AssumedRole',
      principalId: `${accessKeyId}:${session}`,
      arn,
      accountId,
      accessKeyId,
      sessionContext: { sessionIssuer: { ...issuer, userName } },
    };
  }
  const type = arn.endsWith(':root') ? 'Root' : 'IAMUser';
  const userName = arn.slice(arn.lastIndexOf('/') + 1);
  const named = type === 'Root' ? {} : { userName };
  return { type, principalId: accessKeyId, arn, accountId, accessKeyId, ...named };
}

/** CloudTrail starts parameter names with a small letter. */
function lowerNames(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      value,
    ]),
  );
}

/** `2026-11-23T10:11:12Z`. */
function toSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
