// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub's own placeholders
import { describe, expect, test } from 'vitest';
import { orderResources } from '../../local/stack/order-resources.ts';
import { resolveValue, type TemplateScope } from '../../local/stack/resolve-template.ts';
import { creatorOf } from '../../local/stack/resource-catalog.ts';
import type { Json, Template } from '../../local/stack/template.ts';

const template: Template = {
  Parameters: { Stage: { Default: 'prod' } },
  Mappings: { Sizes: { 'eu-central-1': { small: '128' } } },
  Conditions: {
    IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
    IsTest: { 'Fn::Not': [{ Condition: 'IsProd' }] },
    Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsTest' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'IsTest' }] },
  },
};

const scope: TemplateScope = {
  template,
  stackName: 'app',
  accountId: '000000000000',
  region: 'eu-central-1',
  partition: 'aws',
  resources: new Map([['Queue', { ref: 'queue-url', attributes: { Arn: 'queue-arn' } }]]),
  exports: new Map([['shared-name', 'shared-value']]),
};

describe('intrinsic functions', () => {
  const cases: [string, Json, Json][] = [
    ['Ref to a resource', { Ref: 'Queue' }, 'queue-url'],
    ['Ref to a parameter default', { Ref: 'Stage' }, 'prod'],
    ['Ref to AWS::Region', { Ref: 'AWS::Region' }, 'eu-central-1'],
    ['Ref to AWS::AccountId', { Ref: 'AWS::AccountId' }, '000000000000'],
    ['Ref to AWS::URLSuffix', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    ['Fn::GetAtt as list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'queue-arn'],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Queue.Arn' }, 'queue-arn'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }]] }, 'a-prod'],
    [
      'Fn::Sub',
      { 'Fn::Sub': '${Queue}/${Queue.Arn}/${AWS::Partition}' },
      'queue-url/queue-arn/aws',
    ],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${x}-${!y}', { x: { Ref: 'Stage' } }] }, 'prod-${y}'],
    ['Fn::Select', { 'Fn::Select': ['1', { 'Fn::Split': [',', 'a,b,c'] }] }, 'b'],
    ['Fn::Split', { 'Fn::Split': ['/', 'a/b'] }, ['a', 'b']],
    ['Fn::If true', { 'Fn::If': ['IsProd', 'yes', 'no'] }, 'yes'],
    ['Fn::If false', { 'Fn::If': ['IsTest', 'yes', 'no'] }, 'no'],
    ['Fn::And', { 'Fn::If': ['Both', 1, 2] }, 2],
    ['Fn::Or', { 'Fn::If': ['Either', 1, 2] }, 1],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, '128'],
    ['Fn::ImportValue', { 'Fn::ImportValue': 'shared-name' }, 'shared-value'],
    ['Fn::Base64', { 'Fn::Base64': 'hi' }, 'aGk='],
    ['AWS::NoValue removes a property', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
    [
      'a policy condition is an ordinary field',
      { Effect: 'Deny', Condition: { Bool: { x: 'true' } } },
      { Effect: 'Deny', Condition: { Bool: { x: 'true' } } },
    ],
  ];
  test.each(cases)('%s', (_name, value, expected) => {
    expect(resolveValue(value, scope)).toEqual(expected);
  });

  test('an unknown function is refused with the list of known ones', () => {
    expect(() => resolveValue({ 'Fn::Cidr': [] }, scope)).toThrow(
      /local stack has no Fn::Cidr; it has: Ref, /,
    );
  });

  test('a reference without value names the stack and the reference', () => {
    expect(() => resolveValue({ Ref: 'Nothing' }, scope)).toThrow('app refers to Nothing');
  });

  test('an unknown attribute is refused with the list of known ones', () => {
    expect(() => resolveValue({ 'Fn::GetAtt': ['Queue', 'Size'] }, scope)).toThrow(
      'app: Queue has no attribute Size here; it has: Arn',
    );
  });
});

describe('order of resources', () => {
  test('each comes after what it refers to, depends on or substitutes', () => {
    const ordered = orderResources({
      Resources: {
        A: { Type: 'T', Properties: { x: { 'Fn::Sub': '${B.Arn}' } } },
        B: { Type: 'T', DependsOn: 'C' },
        C: { Type: 'T', Properties: { x: [{ y: { 'Fn::GetAtt': ['D', 'Arn'] } }] } },
        D: { Type: 'T' },
      },
    });
    expect(ordered).toEqual(['D', 'C', 'B', 'A']);
  });

  test('a circle is refused with its path', () => {
    const circle: Template = {
      Resources: {
        A: { Type: 'T', Properties: { x: { Ref: 'B' } } },
        B: { Type: 'T', DependsOn: ['A'] },
      },
    };
    expect(() => orderResources(circle)).toThrow('A → B → A');
  });
});

test('an unknown resource type is refused with the list of known ones', () => {
  expect(() => creatorOf('AWS::RDS::DBInstance')).toThrow(
    /local stack has no AWS::RDS::DBInstance; it has: .*AWS::S3::Bucket/,
  );
});
