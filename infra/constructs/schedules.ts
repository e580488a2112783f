import { Duration } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { FUNCTION_NAMES, FUNCTION_PLANS, type FunctionName } from '../function-plans.ts';
import type { Names } from '../names.ts';
import { allow } from '../permissions/statement.ts';
import type { Settings } from '../settings.ts';

export interface SchedulesProps {
  readonly names: Names;
  readonly settings: Settings;
  readonly lambdaOf: (name: FunctionName) => IFunction;
  readonly failedEvents: IQueue;
}

/** A start that is late by more than the pass after it is worth nothing. */
const RETRIES = 3;

/** One schedule for each function whose plan names an interval; all times are UTC. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    const scheduled = FUNCTION_NAMES.filter((name) => FUNCTION_PLANS[name].everyMinutes);
    const role = this.role(scheduled, props).withoutPolicyUpdates();
    for (const name of scheduled) {
      const every = Duration.minutes(FUNCTION_PLANS[name].everyMinutes ?? 0);
      new Schedule(this, name, {
        scheduleName: props.names.functionName(name),
        description: `Starts ${props.names.functionName(name)}`,
        schedule: ScheduleExpression.rate(every),
        target: new LambdaInvoke(props.lambdaOf(name), {
          role,
          deadLetterQueue: props.failedEvents,
          maxEventAge: every,
          retryAttempts: RETRIES,
        }),
      });
    }
  }

  private role(scheduled: readonly FunctionName[], props: SchedulesProps): Role {
    const { names, settings, failedEvents } = props;
    return new Role(this, 'Role', {
      roleName: `${names.prefix}-scheduler`,
      description: 'Starts the scheduled functions',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': settings.account } },
      }),
      inlinePolicies: {
        Only: new PolicyDocument({
          statements: [
            allow({
              sid: 'StartFunctions',
              actions: ['lambda:InvokeFunction'],
              resources: scheduled.map((name) => names.functionArn(name)),
            }),
            allow({
              sid: 'KeepFailedEvents',
              actions: ['sqs:SendMessage'],
              resources: [failedEvents.queueArn],
            }),
          ],
        }),
      },
    });
  }
}
