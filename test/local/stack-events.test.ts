import { describe, expect, test } from 'vitest';
import { checkPattern, matchesPattern } from '../../local/events/match-pattern.ts';
import { targetInputOf } from '../../local/events/target-input.ts';

const event = {
  source: 'aws.kms',
  'detail-type': 'AWS API Call via CloudTrail',
  resources: ['arn:aws:kms:eu-west-1:000000000000:key/1', 'other'],
  detail: {
    eventName: 'DeleteKey',
    count: 5,
    nothing: null,
    flag: false,
    empty: [],
    requestParameters: { keyId: 'alias/vault-7' },
    items: [{ name: 'a' }, { name: 'b' }],
  },
};

describe('event patterns', () => {
  const matching: [string, Record<string, unknown>][] = [
    ['exact value', { source: ['aws.kms'] }],
    ['one of several', { detail: { eventName: ['DisableKey', 'DeleteKey'] } }],
    ['null', { detail: { nothing: [null] } }],
    ['false', { detail: { flag: [false] } }],
    ['an element of an array in the event', { resources: ['other'] }],
    ['prefix of an array element', { resources: [{ prefix: 'arn:aws:kms:' }] }],
    ['suffix', { detail: { requestParameters: { keyId: [{ suffix: '-7' }] } } }],
    ['anything-but a value', { source: [{ 'anything-but': 'aws.s3' }] }],
    ['anything-but a list', { source: [{ 'anything-but': ['aws.s3', 'aws.ec2'] }] }],
    ['anything-but a prefix', { source: [{ 'anything-but': { prefix: 'aws.s' } }] }],
    ['exists', { detail: { eventName: [{ exists: true }] } }],
    ['does not exist', { detail: { errorCode: [{ exists: false }] } }],
    ['does not exist below nothing', { detail: { deep: { er: [{ exists: false }] } } }],
    ['numeric range', { detail: { count: [{ numeric: ['>', 0, '<=', 5] }] } }],
    ['numeric equality', { detail: { count: [{ numeric: ['=', 5] }] } }],
    ['ignoring case', { source: [{ 'equals-ignore-case': 'AWS.KMS' }] }],
    ['wildcard', { detail: { requestParameters: { keyId: [{ wildcard: 'alias/*-7' }] } } }],
    ['objects in an array', { detail: { items: { name: ['b'] } } }],
    ['$or', { $or: [{ source: ['x'] }, { detail: { count: [5] } }] }],
    ['the empty pattern', {}],
  ];
  test.each(matching)('%s matches', (_name, pattern) => {
    checkPattern(pattern);
    expect(matchesPattern(pattern, event)).toBe(true);
  });

  const differing: [string, Record<string, unknown>][] = [
    ['another value', { source: ['aws.s3'] }],
    ['a number given as text', { detail: { count: ['5'] } }],
    ['one field of several', { source: ['aws.kms'], detail: { eventName: ['EnableKey'] } }],
    ['a missing field', { detail: { errorCode: ['x'] } }],
    ['exists on a missing field', { detail: { errorCode: [{ exists: true }] } }],
    ['exists false on a present field', { detail: { count: [{ exists: false }] } }],
    ['anything-but the value itself', { source: [{ 'anything-but': ['aws.kms'] }] }],
    ['anything-but on a missing field', { detail: { errorCode: [{ 'anything-but': 'x' }] } }],
    ['numeric outside', { detail: { count: [{ numeric: ['>', 5] }] } }],
    ['numeric on text', { source: [{ numeric: ['>', 5] }] }],
    ['a value in an empty array', { detail: { empty: ['x'] } }],
    ['an object where the event has text', { source: { name: ['x'] } }],
  ];
  test.each(differing)('%s does not match', (_name, pattern) => {
    expect(matchesPattern(pattern, event)).toBe(false);
  });

  test('an operator unknown here is refused by name when the rule is made', () => {
    expect(() => checkPattern({ detail: { ip: [{ cidr: '10.0.0.0/8' }] } })).toThrow(
      /local events match anything-but, .*; got cidr/,
    );
  });
});

describe('target input', () => {
  test('is the event itself unless the rule says otherwise', () => {
    expect(JSON.parse(targetInputOf({}, event))).toEqual(event);
  });

  test('can be a constant', () => {
    expect(targetInputOf({ Input: '{"a":1}' }, event)).toBe('{"a":1}');
  });

  test('can be a part of the event', () => {
    expect(targetInputOf({ InputPath: '$.detail.items[1]' }, event)).toBe('{"name":"b"}');
  });

  test('can be a template', () => {
    const InputTransformer = {
      InputPathsMap: { what: '$.detail.eventName', n: '$.detail.count' },
      InputTemplate: '{"name": "<what>", "again": <what>, "count": <n>}',
    };
    expect(JSON.parse(targetInputOf({ InputTransformer }, event))).toEqual({
      name: 'DeleteKey',
      again: 'DeleteKey',
      count: 5,
    });
  });
});
