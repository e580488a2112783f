import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  DefinitionBody,
  Fail,
  JitterType,
  JsonPath,
  LogLevel,
  StateMachine,
  StateMachineType,
  Succeed,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { allow } from '../permissions/statement.ts';
import { ServiceLogGroup } from './service-log-group.ts';

export interface BackupMachineProps {
  readonly names: Names;
  readonly runBackup: IFunction;
  readonly recordFailure: IFunction;
}

/** Errors that repeating may cure: what Lambda itself reports, and a part of AWS that did not
 * answer. Anything else (denied, invalid, damaged) would fail again. */
const TRANSIENT = [
  'COPY_UNAVAILABLE',
  'KEYS_UNAVAILABLE',
  'LEDGER_UNAVAILABLE',
  'LEDGER_CONFLICT',
  'SOURCE_UNAVAILABLE',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.Unknown',
  // The function's process ended, was killed or ran out of memory: the next try starts anew.
  'Runtime.ExitError',
  'Runtime.OutOfMemory',
  'Sandbox.Timedout',
  'States.Timeout',
];

/**
 * Waits of up to 1, 3 and 9 minutes: a run outlasts a Region's short disturbance. Jitter spreads
 * the many runs that one disturbance stopped together.
 */
const RETRY = {
  interval: Duration.minutes(1),
  maxAttempts: 3,
  backoffRate: 3,
  jitterStrategy: JitterType.FULL,
};

/**
 * A first backup of a large vault takes many turns of up to 15 minutes each: 2 days are about 190,
 * far below the 25,000 events an execution may have (Step Functions quotas; a turn makes 6).
 */
const LONGEST_EXECUTION = Duration.days(2);

/**
 * The state machine of one backup: run it, turn by turn until it is done, repeat what may be cured,
 * record what is not.
 */
export class BackupMachine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: BackupMachineProps) {
    super(scope, id);
    const { names } = props;
    const logGroup = new ServiceLogGroup(this, 'Logs', {
      // Step Functions shortens its own log policy only for groups under this prefix.
      logGroupName: `/aws/vendedlogs/states/${names.backupMachine}`,
    });
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: names.backupMachine,
      stateMachineType: StateMachineType.STANDARD,
      comment: 'Backs up one vault. Input: {vaultId, runId}',
      definitionBody: DefinitionBody.fromChainable(this.definition(props)),
      timeout: LONGEST_EXECUTION,
      role: this.role(props).withoutPolicyUpdates(),
      // Without execution data: states and errors are enough to follow a run.
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
    });
  }

  private definition(props: BackupMachineProps): LambdaInvoke {
    const run = new LambdaInvoke(this, 'RunBackup', {
      lambdaFunction: props.runBackup,
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
    });
    run.addRetry({ errors: TRANSIENT, ...RETRY });
    const record = new LambdaInvoke(this, 'RecordFailure', {
      lambdaFunction: props.recordFailure,
      payloadResponseOnly: true,
      payload: TaskInput.fromObject({
        vaultId: JsonPath.stringAt('$.vaultId'),
        runId: JsonPath.stringAt('$.runId'),
        error: JsonPath.objectAt('$.failure'),
      }),
    });
    record.next(
      new Fail(this, 'BackupFailed', {
        error: 'BackupFailed',
        cause: 'The run gave up; its error is in the ledger.',
      }),
    );
    run.addCatch(record, { errors: ['States.ALL'], resultPath: '$.failure' });
    run.next(
      new Choice(this, 'IsDone', { comment: 'A run hands back before its function must end' })
        .when(Condition.booleanEquals('$.done', false), run)
        .otherwise(new Succeed(this, 'BackupDone')),
    );
    return run;
  }

  private role(props: BackupMachineProps): Role {
    const { names } = props;
    return new Role(this, 'Role', {
      roleName: `${names.backupMachine}-machine`,
      description: `Runs the state machine ${names.backupMachine}`,
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: {
        Only: new PolicyDocument({
          statements: [
            allow({
              sid: 'InvokeSteps',
              actions: ['lambda:InvokeFunction'],
              resources: [
                names.functionArn('run-backup'),
                names.functionArn('record-backup-failure'),
              ],
            }),
            allow({
              sid: 'DeliverLogs',
              actions: LOG_DELIVERY,
              // These actions have no resource to name (Step Functions guide, "Logging using
              // CloudWatch Logs").
              resources: ['*'],
            }),
          ],
        }),
      },
    });
  }
}

const LOG_DELIVERY = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];
