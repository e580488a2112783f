import { CfnOutput } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { alarmPlans } from '../monitoring/alarm-plans.ts';
import { OverviewDashboard } from '../monitoring/overview-dashboard.ts';
import { RunbookAlarm } from '../monitoring/runbook-alarm.ts';
import type { Settings } from '../settings.ts';
import { HoldfastStack } from './holdfast-stack.ts';

/** Who is told what: the topic, the alarms and the dashboard. Knows the rest by name only. */
export class WatchStack extends HoldfastStack {
  constructor(scope: Construct, id: string, props: { settings: Settings }) {
    const { settings } = props;
    super(scope, id, {
      settings,
      place: 'primary',
      suffix: 'watch',
      description: 'Holdfast: alarms and dashboard',
      stateful: false,
    });
    const { names } = this;
    const { topic } = new AlarmTopic(this, 'Alarms', {
      topicName: names.alarmTopic,
      email: settings.alarmEmail,
    });
    const action = new SnsAction(topic);
    const alarms = alarmPlans(names).map((plan) => new RunbookAlarm(this, plan, names, action));
    new OverviewDashboard(this, 'Overview', names, alarms);
    new CfnOutput(this, 'AlarmTopicArn', { value: topic.topicArn });
  }
}
