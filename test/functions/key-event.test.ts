import { describe, expect, test } from 'vitest';
import { keyEventOf, keyTrailEvent } from '../../functions/events/key-event.ts';

const KEY_ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const KEY_ARN = `arn:aws:kms:eu-west-1:111122223333:key/${KEY_ID}`;
const ROLE = 'arn:aws:sts::111122223333:assumed-role/holdfast-test-advance-erasures/session';

/** An event as EventBridge forwards it from the other Region's CloudTrail. */
function trailEvent(detail: object, top: object = {}): unknown {
  return {
    version: '0',
    id: 'e-1',
    source: 'aws.kms',
    'detail-type': 'AWS API Call via CloudTrail',
    account: '111122223333',
    region: 'eu-west-1',
    resources: [],
    detail: {
      eventVersion: '1.11',
      eventName: 'ScheduleKeyDeletion',
      eventID: 'trail-1',
      eventTime: '2026-11-02T08:00:00Z',
      eventType: 'AwsApiCall',
      awsRegion: 'eu-west-1',
      userIdentity: { type: 'AssumedRole', arn: ROLE },
      requestParameters: { keyId: KEY_ID },
      resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: KEY_ARN }],
      ...detail,
    },
    ...top,
  };
}

const read = (event: unknown) => keyEventOf(keyTrailEvent.parse(event));

/** `DeleteKey` as KMS reports what it did by itself at the end of the waiting period. */
const DELETED = {
  eventName: 'DeleteKey',
  eventType: 'AwsServiceEvent',
  userIdentity: { accountId: '111122223333', invokedBy: 'AWS Internal' },
  requestParameters: null,
};

describe('a key event', () => {
  test('tells what happened, where, to which key and by whom', () => {
    expect(read(trailEvent({}))).toEqual({
      eventName: 'ScheduleKeyDeletion',
      eventId: 'trail-1',
      eventTime: '2026-11-02T08:00:00Z',
      region: 'eu-west-1',
      keyArn: KEY_ARN,
      actorArn: ROLE,
    });
  });

  test('of a destruction has no caller', () => {
    expect(read(trailEvent(DELETED))).toMatchObject({
      eventName: 'DeleteKey',
      keyArn: KEY_ARN,
      actorArn: null,
    });
  });

  test.each([
    ['eu-west-1', `arn:aws:kms:eu-west-1:111122223333:key/${KEY_ID}`],
    ['cn-north-1', `arn:aws-cn:kms:cn-north-1:111122223333:key/${KEY_ID}`],
    ['us-gov-west-1', `arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/${KEY_ID}`],
  ])('in %s that names only a key id is about the key of that Region', (awsRegion, keyArn) => {
    expect(read(trailEvent({ awsRegion, resources: undefined }))?.keyArn).toBe(keyArn);
  });

  test('that names the key by its ARN is taken at its word', () => {
    const requestParameters = { keyId: KEY_ARN };
    expect(read(trailEvent({ requestParameters, resources: [] }))?.keyArn).toBe(KEY_ARN);
  });

  test('from an older trail without a Region is of the Region it was sent from', () => {
    expect(read(trailEvent({ awsRegion: undefined }))?.region).toBe('eu-west-1');
  });
});

describe('nothing happened to a key', () => {
  test('when the call failed', () => {
    expect(read(trailEvent({ errorCode: 'AccessDenied' }))).toBeNull();
  });

  test('when the event names no key', () => {
    expect(read(trailEvent({ requestParameters: null, resources: [] }))).toBeNull();
  });

  test('when a destruction is claimed that KMS did not report as its own', () => {
    expect(read(trailEvent({ ...DELETED, eventType: 'AwsApiCall' }))).toBeNull();
  });
});

test('an event that does not come from KMS is refused', () => {
  expect(keyTrailEvent.safeParse(trailEvent({}, { source: 'my.app' })).success).toBe(false);
});
