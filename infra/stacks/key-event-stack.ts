import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as EventBusTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { FailedEvents } from '../constructs/failed-events.ts';
import { KEY_EVENTS, keyEventPattern } from '../key-event-pattern.ts';
import { failedEventsAlarm } from '../monitoring/alarm-plans.ts';
import { RunbookAlarm } from '../monitoring/runbook-alarm.ts';
import { allow } from '../permissions/statement.ts';
import type { Settings } from '../settings.ts';
import { HoldfastStack } from './holdfast-stack.ts';

/**
 * Forwards key events of the secondary Region to the primary's default bus, where they are
 * recorded. EventBridge repeats a failed delivery for 24 hours; what it gives up then waits in a
 * queue, and an alarm of this Region says so: neither can lie in another Region than the rule.
 *
 * Only events that happened here are forwarded. An installation whose Regions are the other way
 * round would send what comes from here back otherwise, for ever.
 */
export class KeyEventStack extends HoldfastStack {
  constructor(scope: Construct, id: string, props: { settings: Settings }) {
    const { settings } = props;
    super(scope, id, {
      settings,
      place: 'secondary',
      suffix: 'key-events',
      description: 'Holdfast: forwards key events to the primary Region',
      stateful: false,
    });
    const { names } = this;
    const role = new Role(this, 'Role', {
      roleName: `${names.prefix}-key-event-forwarder`,
      description: 'Forwards key events to the primary Region',
      assumedBy: new ServicePrincipal('events.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': settings.account } },
      }),
      inlinePolicies: {
        Only: new PolicyDocument({
          statements: [
            allow({
              sid: 'ForwardKeyEvents',
              actions: ['events:PutEvents'],
              resources: [names.defaultBusArn],
            }),
          ],
        }),
      },
    });
    const primaryBus = EventBus.fromEventBusArn(this, 'PrimaryBus', names.defaultBusArn);
    new Rule(this, 'KeyEvents', {
      ruleName: `${names.prefix}-key-events`,
      description: 'Forwards what happens to keys to the primary Region',
      eventPattern: { ...keyEventPattern(...KEY_EVENTS), region: [settings.secondaryRegion] },
      targets: [
        new EventBusTarget(primaryBus, {
          role: role.withoutPolicyUpdates(),
          deadLetterQueue: new FailedEvents(this, 'FailedEvents', names.deadLetterQueue),
        }),
      ],
    });
    const { topic } = new AlarmTopic(this, 'Alarms', {
      topicName: names.alarmTopic,
      email: settings.alarmEmail,
    });
    new RunbookAlarm(this, failedEventsAlarm(names), names, new SnsAction(topic));
  }
}
