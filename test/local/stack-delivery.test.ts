import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TargetDelivery } from '../../local/events/deliver-to-target.ts';
import { RuleBus } from '../../local/events/rule-bus.ts';
import { ACCOUNT, functionArn, functionNamed, PRIMARY, SECONDARY, TestApp } from './stack-app.ts';

const COLLECT = `export const handler = async (event) =>
  console.log(JSON.stringify({ at: new Date().toISOString(), event }));`;

const keyEvents = { source: ['aws.kms'], detail: { eventName: ['DeleteKey'] } };
const primaryBus = `arn:aws:events:${PRIMARY}:${ACCOUNT}:event-bus/default`;

function rule(name: string, target: string): object {
  return {
    Type: 'AWS::Events::Rule',
    Properties: { Name: name, EventPattern: keyEvents, Targets: [{ Id: 'T', Arn: target }] },
  };
}

const app = new TestApp([
  {
    name: 'primary',
    code: { 'key-events': COLLECT, 'by-schedule': COLLECT },
    resources: {
      KeyEvents: functionNamed('key-events'),
      BySchedule: functionNamed('by-schedule'),
      Rule: rule('record', functionArn('key-events')),
      Daily: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          Name: 'daily',
          ScheduleExpression: 'rate(1 day)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: {
            Arn: { 'Fn::GetAtt': ['BySchedule', 'Arn'] },
            RoleArn: 'r',
            Input: '{"due":"<aws.scheduler.scheduled-time>"}',
          },
        },
      },
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alarms' } },
      Alarms: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'alarm-queue' } },
      Subscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          TopicArn: { Ref: 'Topic' },
          Protocol: 'sqs',
          Endpoint: { 'Fn::GetAtt': ['Alarms', 'Arn'] },
        },
      },
      Mail: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: 'a@example.com' },
      },
    },
  },
  { name: 'secondary', region: SECONDARY, resources: { Forward: rule('forward', primaryBus) } },
]);

interface Seen {
  readonly at: string;
  readonly event: Record<string, unknown>;
}

function seen(name: string): Seen[] {
  const lines = (app.aws.logs.read(name) ?? '').trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Seen);
}

beforeAll(async () => {
  await app.start({ schedules: true });
});
afterAll(async () => await app.remove());

test('moving the clock destroys keys, forwards their events and then fires schedules', async () => {
  const arns: string[] = [];
  for (const region of [PRIMARY, SECONDARY]) {
    const kms = new KMSClient(app.clientSettings('operator', region));
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await kms.send(
      new ScheduleKeyDeletionCommand({ KeyId: KeyMetadata?.KeyId, PendingWindowInDays: 7 }),
    );
    arns.push(KeyMetadata?.Arn ?? '');
  }
  const from = app.aws.clock.now();
  const to = new Date(from.getTime() + 8 * 86_400_000);
  await app.aws.clock.moveTo(to);

  const events = seen('key-events').map(({ event }) => event);
  expect(events.map((event) => event.region).sort()).toEqual([PRIMARY, SECONDARY]);
  expect(events.flatMap((event) => JSON.stringify(event)).join()).toContain(arns[1]);
  const [scheduled, ...more] = seen('by-schedule');
  expect(more).toEqual([]);
  const due = Date.parse(String(scheduled?.event.due));
  expect(due).toBeGreaterThan(from.getTime());
  expect(due).toBeLessThan(from.getTime() + 2 * 86_400_000);
  expect(Date.parse(scheduled?.at ?? '')).toBeGreaterThanOrEqual(to.getTime());
  expect(app.warnings).toEqual([]);
});

test('a schedule can be run by hand over the control plane', async () => {
  const before = seen('by-schedule').length;
  expect(await app.control('POST', '/_local/schedules/daily/run')).toEqual({ name: 'daily' });
  expect(seen('by-schedule')).toHaveLength(before + 1);
});

test('a topic of the template delivers to its queue; mail is never sent', async () => {
  const sns = new SNSClient(app.clientSettings());
  const TopicArn = `arn:aws:sns:${PRIMARY}:${ACCOUNT}:alarms`;
  await sns.send(new PublishCommand({ TopicArn, Message: 'backup failed' }));
  const [body = '{}'] = await app.receiveBodies('alarm-queue');
  expect(JSON.parse(body)).toMatchObject({ Message: 'backup failed' });
});

test('an event that no target takes is reported and goes to the dead-letter queue', async () => {
  const delivery = new TargetDelivery();
  const dead: string[] = [];
  const warnings: string[] = [];
  delivery.register('sqs', async (_arn, payload) => void dead.push(payload));
  const bus = new RuleBus(delivery, (message) => warnings.push(message));
  bus.addRule({
    name: 'r',
    region: PRIMARY,
    pattern: {},
    targets: [{ Arn: 'arn:aws:firehose:x:y:z', DeadLetterConfig: { Arn: 'arn:aws:sqs:x:y:z' } }],
  });
  const event = {
    version: '0',
    id: 'e-1',
    'detail-type': 't',
    source: 's',
    account: ACCOUNT,
    time: '2026-11-23T00:00:00Z',
    region: PRIMARY,
    resources: [],
    detail: {},
  } as const;
  await bus.put(event);
  expect(dead.map((text) => JSON.parse(text))).toEqual([event]);
  expect(warnings.join()).toContain('local targets are events, sqs; got firehose');
});

test('two buses that forward to each other stop after a few hops', async () => {
  const warnings: string[] = [];
  const bus = new RuleBus(new TargetDelivery(), (message) => warnings.push(message));
  const forward = (from: string, to: string): void =>
    bus.addRule({
      name: 'f',
      region: from,
      pattern: {},
      targets: [{ Arn: `arn:aws:events:${to}:${ACCOUNT}:event-bus/default` }],
    });
  forward(PRIMARY, SECONDARY);
  forward(SECONDARY, PRIMARY);
  const event = { version: '0', id: 'e-2', source: 's', account: ACCOUNT, time: '' } as const;
  await bus.put({ ...event, 'detail-type': 't', region: PRIMARY, resources: [], detail: {} });
  expect(warnings).toEqual(['event e-2 dropped: forwarded over 4 buses']);
});
