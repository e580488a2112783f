import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  DefinitionBody,
  DistributedMap,
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
import { LONGEST_RUN_DAYS } from '../../shared/domain/limits.ts';
import type { Names } from '../names.ts';
import { allow } from '../permissions/statement.ts';
import { ServiceLogGroup } from './service-log-group.ts';

export interface BackupMachineProps {
  readonly names: Names;
  readonly runBackup: IFunction;
  readonly recordFailure: IFunction;
  /** Most shards worked on at once. */
  readonly concurrency: number;
}

/** Errors that repeating may cure: what Lambda itself reports, and a part of AWS that did not
 * answer. Anything else (denied, invalid, damaged) would fail again. */
const TRANSIENT = [
  'COPY_UNAVAILABLE',
  'KEYS_UNAVAILABLE',
  // What IAM allows by the tags of a new vault's keys may take minutes to be known everywhere; and
  // keys that somebody has switched off are put right within minutes.
  'KEYS_UNUSABLE',
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

/** Part of the ARN of each shard's execution. */
const SHARDS_LABEL = 'Shards';

/**
 * The state machine of one backup: plan it, work on its shards, seal it, turn by turn until it is
 * done; repeat what may be cured, record what is not. No path is in what its states are given.
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
      timeout: Duration.days(LONGEST_RUN_DAYS),
      role: this.role(props).withoutPolicyUpdates(),
      // Without execution data: states and errors are enough to follow a run.
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
    });
    // The library makes a policy for the map of its own, which the role, whose permissions are all
    // listed below, does not take: it would be a policy of nobody.
    this.machine.node.tryRemoveChild('DistributedMapPolicy');
  }

  /**
   * Plan or seal → what is to be done in shards → plan or seal. A small vault is done with the
   * first step; a large one comes back for its seal, or for more shards behind those it had.
   */
  private definition(props: BackupMachineProps): LambdaInvoke {
    const step = this.invoke('PlanOrSeal', props.runBackup);
    step.addRetry({ errors: TRANSIENT, ...RETRY });
    const failed = this.giveUp(props, 'Backup');
    step.addCatch(failed, { errors: ['States.ALL'], resultPath: '$.failure' });
    const shards = this.shards(props);
    shards.addCatch(failed, { errors: ['States.ALL'], resultPath: '$.failure' });
    step.next(
      new Choice(this, 'WhatIsNext', { comment: 'A run hands back before its function must end' })
        .when(Condition.booleanEquals('$.done', true), new Succeed(this, 'BackupDone'))
        .when(Condition.isPresent('$.shards[0]'), shards.next(step))
        .otherwise(step),
    );
    return step;
  }

  /**
   * Each shard is an execution of its own, repeated until it is done. One that gives up records its
   * error, which ends the run, and Step Functions stops the others: it tolerates no failure unless
   * it is told to.
   */
  private shards({ runBackup, recordFailure, concurrency }: BackupMachineProps): DistributedMap {
    const shard = this.invoke('BackUpShard', runBackup);
    shard.addRetry({ errors: TRANSIENT, ...RETRY });
    shard.addCatch(this.giveUp({ recordFailure }, 'Shard'), {
      errors: ['States.ALL'],
      resultPath: '$.failure',
    });
    shard.next(
      new Choice(this, 'IsShardDone')
        .when(Condition.booleanEquals('$.done', true), new Succeed(this, 'ShardDone'))
        .otherwise(shard),
    );
    const shards = new DistributedMap(this, 'Shards', {
      label: SHARDS_LABEL,
      mapExecutionType: StateMachineType.STANDARD,
      maxConcurrency: concurrency,
      itemsPath: '$.shards',
      itemSelector: {
        vaultId: JsonPath.stringAt('$.vaultId'),
        runId: JsonPath.stringAt('$.runId'),
        shard: JsonPath.numberAt('$$.Map.Item.Value'),
      },
      resultPath: JsonPath.DISCARD,
    });
    shards.itemProcessor(shard);
    return shards;
  }

  private invoke(id: string, lambdaFunction: IFunction): LambdaInvoke {
    const fixed = { payloadResponseOnly: true, retryOnServiceExceptions: false };
    return new LambdaInvoke(this, id, { lambdaFunction, ...fixed });
  }

  /** Records the error of what gave up, and fails. A run that has ended already stays so. */
  private giveUp({ recordFailure }: Pick<BackupMachineProps, 'recordFailure'>, what: string) {
    const record = new LambdaInvoke(this, `Record${what}Failure`, {
      lambdaFunction: recordFailure,
      payloadResponseOnly: true,
      payload: TaskInput.fromObject({
        vaultId: JsonPath.stringAt('$.vaultId'),
        runId: JsonPath.stringAt('$.runId'),
        error: JsonPath.objectAt('$.failure'),
      }),
    });
    return record.next(
      new Fail(this, `${what}Failed`, {
        error: `${what}Failed`,
        cause: 'The run gave up; its error is in the ledger.',
      }),
    );
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
            // What a Distributed Map needs (Step Functions guide, "IAM policies for using
            // Distributed Map states"): its children are executions of the same machine.
            allow({
              sid: 'StartShards',
              actions: ['states:StartExecution'],
              resources: [names.backupMachineArn],
            }),
            allow({
              sid: 'FollowShards',
              actions: ['states:DescribeExecution', 'states:StopExecution'],
              resources: names.backupExecutionArns,
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
