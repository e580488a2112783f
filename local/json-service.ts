import {
  type JsonObject,
  readJsonObject,
  targetOperation,
  writeJson,
  writeJsonError,
} from './gateway/json-protocol.ts';
import { LocalAwsError, type LocalRequest, type LocalService } from './gateway/service.ts';

/** One operation of a service that speaks AWS JSON: parsed input in, answer object out. */
export type JsonOperation = (input: JsonObject, request: LocalRequest) => Promise<JsonObject>;

/** A service whose operations are functions. */
export interface JsonServiceOptions {
  /** The service's name in refusals, such as `states`. */
  readonly label: string;
  readonly signingNames: readonly string[];
  /** What stands before the dot in `X-Amz-Target`, such as `AWSStepFunctions`. */
  readonly targetPrefix: string;
  readonly version: '1.0' | '1.1';
  readonly operations: Readonly<Record<string, JsonOperation>>;
}

/**
 * Builds a service of the AWS JSON protocol. An operation it lacks is refused by name, with the
 * list of those it has.
 */
export function createJsonService(options: JsonServiceOptions): LocalService {
  const operationOf = (request: LocalRequest): string | undefined =>
    targetOperation(request, [options.targetPrefix]);
  return {
    signingNames: options.signingNames,
    operationOf,
    async handle(request, response) {
      const name = operationOf(request) ?? 'no operation';
      const operation = options.operations[name];
      if (operation === undefined) {
        const known = Object.keys(options.operations).sort().join(', ') || 'nothing';
        throw new LocalAwsError(
          'UnknownOperationException',
          400,
          `local ${options.label} supports ${known}; got ${name}`,
        );
      }
      const output = await operation(await readJsonObject(request.body), request);
      writeJson(response, 200, output, options.version);
    },
    fail: (_request, response, error) => writeJsonError(response, error, options.version),
  };
}
