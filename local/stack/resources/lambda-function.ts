import { existsSync } from 'node:fs';
import type { FunctionDefinition } from '../../lambda/function-definition.ts';
import {
  arnOf,
  fieldsProperty,
  listProperty,
  nameOf,
  type ResourceCreator,
  type ResourceRequest,
  textProperty,
} from '../resource-creator.ts';
import { type JsonFields, StackError } from '../template.ts';

/** Lambda's own defaults for a function whose template says nothing. */
const DEFAULT_MEMORY_MEGABYTES = 128;
const DEFAULT_TIMEOUT_SECONDS = 3;

/** Registers a Node.js function whose code is a file asset of the assembly. */
export const createLambdaFunction: ResourceCreator = async (request) => {
  const { properties, region, accountId } = request;
  const name = nameOf(request, 'FunctionName');
  const arn = arnOf(request, 'lambda', `function:${name}`);
  const runtime = textProperty(request, 'Runtime');
  if (!runtime.startsWith('nodejs')) {
    throw new StackError(`local functions run on Node.js; got ${runtime}`);
  }
  if (listProperty(properties, 'Layers').length > 0) {
    throw new StackError('local functions have no layers');
  }
  const logGroup = fieldsProperty(properties, 'LoggingConfig').LogGroup;
  const deadLetterArn = fieldsProperty(properties, 'DeadLetterConfig').TargetArn;
  const concurrency = properties.ReservedConcurrentExecutions;
  const definition: FunctionDefinition = {
    name,
    arn,
    region,
    accountId,
    roleArn: textProperty(request, 'Role'),
    handler: textProperty(request, 'Handler'),
    codeDirectory: codeDirectoryOf(request),
    environment: environmentOf(properties),
    memorySize: Number(properties.MemorySize ?? DEFAULT_MEMORY_MEGABYTES),
    timeoutSeconds: Number(properties.Timeout ?? DEFAULT_TIMEOUT_SECONDS),
    logGroupName: String(logGroup ?? `/aws/lambda/${name}`),
    ...(concurrency === undefined ? {} : { reservedConcurrency: Number(concurrency) }),
    ...(deadLetterArn === undefined ? {} : { deadLetterArn: String(deadLetterArn) }),
  };
  request.services.functions.create(definition);
  return { ref: name, attributes: { Arn: arn } };
};

/** Sets retries and destinations of a function's asynchronous events. */
export const createEventInvokeConfig: ResourceCreator = async (request) => {
  const { properties, services, region } = request;
  const { arn } = services.functions.find(textProperty(request, 'FunctionName'), region);
  const destinations = fieldsProperty(properties, 'DestinationConfig');
  const onFailure = fieldsProperty(destinations, 'OnFailure').Destination;
  const onSuccess = fieldsProperty(destinations, 'OnSuccess').Destination;
  services.functions.setEventInvokeConfig(arn, {
    maximumRetryAttempts: Number(properties.MaximumRetryAttempts ?? 2),
    ...(onFailure === undefined ? {} : { onFailureArn: String(onFailure) }),
    ...(onSuccess === undefined ? {} : { onSuccessArn: String(onSuccess) }),
  });
  return { ref: request.logicalId, attributes: {} };
};

function codeDirectoryOf(request: ResourceRequest): string {
  const key = fieldsProperty(request.properties, 'Code').S3Key;
  const directory = request.assets.get(String(key).replace(/\.zip$/, ''));
  if (directory === undefined || !existsSync(directory)) {
    throw new StackError(`the assembly has no asset ${String(key)}; inline code is not supported`);
  }
  return directory;
}

function environmentOf(properties: JsonFields): Record<string, string> {
  const variables = fieldsProperty(fieldsProperty(properties, 'Environment'), 'Variables');
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, String(value)]),
  );
}
