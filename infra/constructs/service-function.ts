import { Duration } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { functionEnvironment } from '../function-environment.ts';
import { FUNCTION_PLANS, type FunctionName } from '../function-plans.ts';
import type { Names } from '../names.ts';
import { permissionsOf } from '../permissions/function-permissions.ts';
import { allow } from '../permissions/statement.ts';
import type { Settings } from '../settings.ts';
import { ServiceLogGroup } from './service-log-group.ts';

export interface ServiceFunctionProps {
  readonly name: FunctionName;
  readonly names: Names;
  readonly settings: Settings;
  /** Directory that holds `index.mjs`, as bundled. */
  readonly codeDirectory: string;
  /** Takes the events that a function without a waiting caller failed on. */
  readonly failedEvents: IQueue;
}

/**
 * One file of `functions/` in Lambda: its own role with only its statements, its own log group, and
 * only the variables it needs. Tracing is off: X-Ray does not trace Lambda in China.
 */
export class ServiceFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const { name, names, settings } = props;
    const plan = FUNCTION_PLANS[name];
    const logGroup = new ServiceLogGroup(this, 'Logs', { logGroupName: names.logGroup(name) });
    const role = this.role(props, logGroup);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: names.functionName(name),
      description: plan.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: architectureOf(settings),
      handler: 'index.handler',
      code: Code.fromAsset(props.codeDirectory),
      memorySize: plan.size.memoryMiB,
      timeout: Duration.seconds(plan.size.timeoutSeconds),
      environment: functionEnvironment(name, names, settings),
      role: role.withoutPolicyUpdates(),
      logGroup,
      ...(plan.startsItself && { recursiveLoop: RecursiveLoop.ALLOW }),
      ...(plan.asynchronous && { deadLetterQueue: props.failedEvents }),
    });
    // Lambda checks at creation that the role may send to the dead-letter queue.
    this.lambda.node.addDependency(role);
  }

  private role(props: ServiceFunctionProps, logGroup: ServiceLogGroup): Role {
    const { name, names, settings, failedEvents } = props;
    const statements = [
      ...permissionsOf(name, names, settings),
      allow({
        sid: 'WriteLogs',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    ];
    if (FUNCTION_PLANS[name].asynchronous) {
      statements.push(
        allow({
          sid: 'KeepFailedEvents',
          actions: ['sqs:SendMessage'],
          resources: [failedEvents.queueArn],
        }),
      );
    }
    return new Role(this, 'Role', {
      roleName: names.functionRole(name),
      description: `Runs ${names.functionName(name)}`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { Only: new PolicyDocument({ statements }) },
    });
  }
}

/** arm64 costs a fifth less. It is not confirmed for China's Regions, so x86_64 there. */
function architectureOf(settings: Settings): Architecture {
  return settings.partition === 'aws-cn' ? Architecture.X86_64 : Architecture.ARM_64;
}
