import { Alarm, ComparisonOperator, type IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { AlarmPlan } from './alarm-plans.ts';

/** File that every alarm's description points into. */
const RUNBOOK = 'docs/operations.md';

/** An alarm that tells what happened, links its runbook section, and says when it is over. */
export class RunbookAlarm extends Alarm {
  constructor(scope: Construct, plan: AlarmPlan, names: Names, action: IAlarmAction) {
    super(scope, plan.id, {
      alarmName: `${names.prefix}-${plan.id}`,
      alarmDescription: `${plan.says} Runbook: ${RUNBOOK}#${plan.anchor}`,
      metric: plan.metric,
      threshold: plan.above ?? 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: plan.periods,
      datapointsToAlarm: plan.periods,
      treatMissingData: plan.missing,
    });
    this.addAlarmAction(action);
    this.addOkAction(action);
  }
}
