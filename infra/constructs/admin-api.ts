import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  type HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ROUTES } from '../../shared/admin-api/routes.ts';
import type { FunctionName } from '../function-plans.ts';
import type { Names } from '../names.ts';
import { ServiceLogGroup } from './service-log-group.ts';

export interface AdminApiProps {
  readonly names: Names;
  readonly lambdaOf: (name: FunctionName) => IFunction;
}

/** Requests per second and burst of the whole API. A few admins need a hundredth of it; more is a
 * mistake or an attack, and must not use up the account's Lambda concurrency. */
const THROTTLE = { rateLimit: 20, burstLimit: 40 };

/** Who called which route, and how it ended: the route's pattern, neither path nor body. */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  caller: '$context.identity.userArn',
  route: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
});

/** The HTTP API of the admins: every route of `ROUTES`, each signed with IAM credentials. */
export class AdminApi extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: AdminApiProps) {
    super(scope, id);
    const authorizer = new HttpIamAuthorizer();
    this.api = new HttpApi(this, 'Api', {
      apiName: `${props.names.prefix}-admin`,
      description: 'Holdfast admin API',
      createDefaultStage: false,
      defaultAuthorizer: authorizer,
    });
    this.addStage(props);
    const integrations = new Map<FunctionName, HttpLambdaIntegration>();
    for (const route of Object.values(ROUTES)) {
      const integration =
        integrations.get(route.handler) ??
        new HttpLambdaIntegration(route.handler, props.lambdaOf(route.handler));
      integrations.set(route.handler, integration);
      this.api.addRoutes({
        path: route.path,
        methods: [route.method as HttpMethod],
        integration,
        authorizer,
      });
    }
  }

  private addStage(props: AdminApiProps): void {
    const logGroup = new ServiceLogGroup(this, 'AccessLogs', {
      logGroupName: `/aws/vendedlogs/apis/${props.names.prefix}-admin`,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
  }
}
