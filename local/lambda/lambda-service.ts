import type { ServerResponse } from 'node:http';
import { readBody, writeJson, writeJsonError } from '../gateway/json-protocol.ts';
import { LocalAwsError, type LocalRequest, type LocalService } from '../gateway/service.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { LambdaFunctions } from './lambda-functions.ts';

/** Largest body of a synchronous and of an asynchronous invocation (Lambda quotas). */
const SYNC_LIMIT_BYTES = 6 * 1024 * 1024;
const ASYNC_LIMIT_BYTES = 1024 * 1024;

interface Route {
  readonly operation: 'Invoke' | 'GetFunction' | 'ListFunctions';
  readonly functionName: string;
}

/** Lambda's API: Invoke, GetFunction, ListFunctions. Functions come from templates only. */
export function createLambdaService(functions: LambdaFunctions): LocalService {
  return {
    signingNames: ['lambda'],
    operationOf: (request) => routeOf(request)?.operation,
    async handle(request, response) {
      const route = routeOf(request);
      switch (route?.operation) {
        case 'Invoke':
          return await invoke(functions, route.functionName, request, response);
        case 'GetFunction':
          return writeJson(response, 200, {
            Configuration: configurationOf(functions.find(route.functionName, request.region)),
          });
        case 'ListFunctions':
          return writeJson(response, 200, {
            Functions: functions.list(request.region).map(configurationOf),
          });
        default:
          throw new LocalAwsError(
            'UnknownOperationException',
            400,
            `local lambda supports GetFunction, Invoke, ListFunctions; got ${request.method} ${request.rawPath}`,
          );
      }
    },
    fail(_request, response, error) {
      // The REST form of an error names its code in a header.
      response.setHeader('x-amzn-errortype', error.code);
      writeJsonError(response, error);
    },
  };
}

function routeOf(request: LocalRequest): Route | undefined {
  const match = /^\/2015-03-31\/functions(?:\/([^/]+)(\/invocations)?)?\/?$/.exec(request.rawPath);
  if (match === null) {
    return undefined;
  }
  const functionName = decodeURIComponent(match[1] ?? '');
  if (match[2] !== undefined) {
    return request.method === 'POST' ? { operation: 'Invoke', functionName } : undefined;
  }
  if (request.method !== 'GET') {
    return undefined;
  }
  return { operation: functionName === '' ? 'ListFunctions' : 'GetFunction', functionName };
}

async function invoke(
  functions: LambdaFunctions,
  functionName: string,
  request: LocalRequest,
  response: ServerResponse,
): Promise<void> {
  const definition = functions.find(functionName, request.region);
  const type = String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse');
  const payload = await readPayload(request, type);
  switch (type) {
    case 'DryRun':
      response.writeHead(204).end();
      return;
    case 'Event': {
      const { id } = functions.invokeEvent(definition.arn, payload);
      response.writeHead(202, { 'x-amzn-requestid': id }).end();
      return;
    }
    case 'RequestResponse': {
      const outcome = await functions.invoke(definition.arn, payload);
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-amz-executed-version': '$LATEST',
        'x-amzn-requestid': outcome.requestId,
        ...(outcome.functionError ? { 'x-amz-function-error': outcome.functionError } : {}),
      });
      response.end(outcome.payload);
      return;
    }
    default:
      throw new LocalAwsError('ValidationException', 400, `Unknown InvocationType ${type}`);
  }
}

async function readPayload(request: LocalRequest, type: string): Promise<string> {
  const body = await readBody(request.body);
  const limit = type === 'Event' ? ASYNC_LIMIT_BYTES : SYNC_LIMIT_BYTES;
  if (body.length > limit) {
    throw new LocalAwsError(
      'RequestTooLargeException',
      413,
      `${body.length} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
    );
  }
  const text = body.length === 0 ? '{}' : body.toString('utf8');
  try {
    JSON.parse(text);
  } catch {
    throw new LocalAwsError(
      'InvalidRequestContentException',
      400,
      'Could not parse request body into json',
    );
  }
  return text;
}

function configurationOf(definition: FunctionDefinition): Record<string, unknown> {
  return {
    FunctionName: definition.name,
    FunctionArn: definition.arn,
    Role: definition.roleArn,
    Handler: definition.handler,
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memorySize,
    Environment: { Variables: definition.environment },
    Version: '$LATEST',
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    LoggingConfig: { LogGroup: definition.logGroupName },
  };
}
