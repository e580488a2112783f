import { DEFAULT_INTEGRATION_TIMEOUT_MS } from '../../http-api/http-apis.ts';
import {
  type ResourceCreator,
  type ResourceRequest,
  stableId,
  textProperty,
} from '../resource-creator.ts';
import { StackError } from '../template.ts';

/** Creates an HTTP API; its endpoint is `<gateway>/_api/<apiId>`. */
export const createHttpApi: ResourceCreator = async (request) => {
  const protocol = textProperty(request, 'ProtocolType');
  if (protocol !== 'HTTP') {
    throw new StackError(`local APIs are of type HTTP; got ${protocol}`);
  }
  const apiId = stableId(request);
  request.services.apis.create(apiId, request.region);
  const endpoint = `${request.services.endpoint}/_api/${apiId}`;
  return { ref: apiId, attributes: { ApiId: apiId, ApiEndpoint: endpoint } };
};

/** Remembers an integration with a function, payload format 2.0. */
export const createHttpApiIntegration: ResourceCreator = async (request) => {
  const { properties } = request;
  if (properties.IntegrationType !== 'AWS_PROXY' || properties.PayloadFormatVersion !== '2.0') {
    throw new StackError('local APIs integrate functions (AWS_PROXY) with payload format 2.0');
  }
  const id = stableId(request);
  // A route names its integration by id only; the function's ARN is looked up there.
  return { ref: id, attributes: { IntegrationId: id } };
};

/** Creates a route with the IAM authorizer. */
export const createHttpApiRoute: ResourceCreator = async (request) => {
  const authorization = String(request.properties.AuthorizationType ?? 'NONE');
  if (authorization !== 'AWS_IAM') {
    throw new StackError(`local APIs authorize by AWS_IAM; got ${authorization}`);
  }
  const { functionArn, timeoutMs } = integrationOf(request);
  const routeKey = textProperty(request, 'RouteKey');
  request.services.apis.addRoute(textProperty(request, 'ApiId'), routeKey, functionArn, timeoutMs);
  const id = stableId(request);
  return { ref: id, attributes: { RouteId: id } };
};

/** Accepts the `$default` stage; throttling and access logs are kept as data only. */
export const createHttpApiStage: ResourceCreator = async (request) => {
  const name = textProperty(request, 'StageName');
  if (name !== '$default') {
    throw new StackError(`local APIs have the stage $default only; got ${name}`);
  }
  return { ref: name, attributes: {} };
};

function integrationOf(request: ResourceRequest): { functionArn: string; timeoutMs: number } {
  const id = textProperty(request, 'Target').replace(/^integrations\//, '');
  const integration = request.services.declared
    .ofType('AWS::ApiGatewayV2::Integration')
    .find((declared) => declared.ref === id);
  if (integration === undefined) {
    throw new StackError(`no integration ${id}`);
  }
  const uri = String(integration.properties.IntegrationUri);
  // The URI is the function's ARN, or API Gateway's path to it.
  const functionArn = /arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+/.exec(uri)?.[0] ?? uri;
  const timeoutMs = Number(
    integration.properties.TimeoutInMillis ?? DEFAULT_INTEGRATION_TIMEOUT_MS,
  );
  return { functionArn, timeoutMs };
}
