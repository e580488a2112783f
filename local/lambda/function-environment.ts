import type { Credentials } from '../gateway/credentials.ts';
import type { FunctionDefinition } from './function-definition.ts';

/**
 * The whole environment of a function: what its template sets, what the Lambda runtime sets, and
 * `AWS_ENDPOINT_URL`, the one thing that points the SDK here. Nothing of this process's own
 * environment. The keys belong to a session of the function's role.
 */
export function environmentOf(
  definition: FunctionDefinition,
  credentials: Credentials,
  endpoint: string,
): Record<string, string> {
  const keys = credentials.issueForRole(definition.roleArn, definition.name);
  return {
    ...definition.environment,
    AWS_REGION: definition.region,
    AWS_DEFAULT_REGION: definition.region,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memorySize),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroupName,
    LAMBDA_TASK_ROOT: definition.codeDirectory,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: keys.sessionToken,
    TZ: ':UTC',
    AWS_ENDPOINT_URL: endpoint,
  };
}
