import { CfnOutput } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { AdminApi } from '../constructs/admin-api.ts';
import { BackupMachine } from '../constructs/backup-machine.ts';
import { FailedEvents } from '../constructs/failed-events.ts';
import { PeoplePolicies } from '../constructs/people-policies.ts';
import { Schedules } from '../constructs/schedules.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { FUNCTION_NAMES, type FunctionName } from '../function-plans.ts';
import { KEY_EVENTS, keyEventPattern } from '../key-event-pattern.ts';
import type { Settings } from '../settings.ts';
import { HoldfastStack } from './holdfast-stack.ts';

export interface ServiceStackProps {
  readonly settings: Settings;
  /** Directory of each function's bundle. */
  readonly codeDirectory: (name: FunctionName) => string;
}

/** Everything that acts: functions, API, schedules, state machine, and the key event rules of the
 * primary Region. Holds no data. */
export class ServiceStack extends HoldfastStack {
  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    const { settings, codeDirectory } = props;
    super(scope, id, {
      settings,
      place: 'primary',
      suffix: 'service',
      description: 'Holdfast: functions, admin API, schedules and the backup state machine',
      stateful: false,
    });
    const { names } = this;
    const failedEvents = new FailedEvents(this, 'FailedEvents', names.deadLetterQueue);
    const functions = new Map<FunctionName, IFunction>();
    for (const name of FUNCTION_NAMES) {
      const { lambda } = new ServiceFunction(this, name, {
        name,
        names,
        settings,
        codeDirectory: codeDirectory(name),
        failedEvents,
      });
      functions.set(name, lambda);
    }
    const lambdaOf = (name: FunctionName): IFunction => functions.get(name) as IFunction;
    const { api } = new AdminApi(this, 'AdminApi', { names, lambdaOf });
    new PeoplePolicies(this, 'People', { names, api });
    const { machine } = new BackupMachine(this, 'Backup', {
      names,
      runBackup: lambdaOf('run-backup'),
      recordFailure: lambdaOf('record-backup-failure'),
      concurrency: settings.backupConcurrency,
    });
    new Schedules(this, 'Schedules', { names, settings, lambdaOf, failedEvents });
    this.addKeyEventRules(lambdaOf, failedEvents);
    new CfnOutput(this, 'ApiUrl', { value: api.apiEndpoint });
    new CfnOutput(this, 'BackupMachineArn', { value: machine.stateMachineArn });
    new CfnOutput(this, 'PrimaryBucket', { value: names.bucket.primary });
    new CfnOutput(this, 'SecondaryBucket', { value: names.bucket.secondary });
  }

  /** Key events of both Regions arrive on this Region's default bus: `KeyEventStack` forwards. */
  private addKeyEventRules(
    lambdaOf: (name: FunctionName) => IFunction,
    deadLetterQueue: IQueue,
  ): void {
    const { prefix } = this.names;
    new Rule(this, 'KeyEvents', {
      ruleName: `${prefix}-key-events`,
      description: 'Records what happens to keys, in both Regions',
      eventPattern: keyEventPattern(...KEY_EVENTS),
      targets: [new LambdaTarget(lambdaOf('record-key-event'), { deadLetterQueue })],
    });
  }
}
