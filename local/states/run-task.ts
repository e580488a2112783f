import type { FunctionErrorBody, InvocationOutcome } from '../lambda/function-definition.ts';

/** Invokes a function by name or ARN in the machine's account. */
export type FunctionCall = (functionArn: string, payload: string) => Promise<InvocationOutcome>;

type TaskHandler = (input: unknown) => Promise<never>;

/** A failed task: `name` is what `Retry` and `Catch` match, the message is the cause. */
class TaskFailure extends Error {
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

/**
 * Handlers for the engine: a task whose resource is a function's ARN passes its input as payload;
 * `states:::lambda:invoke` takes `FunctionName` and `Payload` and wraps the answer. Errors carry
 * the function's own `errorType`, and as cause the error object, as on AWS.
 */
export function taskHandlers(
  tasks: ReadonlyMap<string, string>,
  call: FunctionCall,
): Record<string, TaskHandler> {
  const handlers = [...tasks].map(([name, resource]): [string, TaskHandler] => [
    name,
    async (input) => {
      if (!resource.endsWith(':states:::lambda:invoke')) {
        return (await invoke(call, resource, input)) as never;
      }
      const { FunctionName, Payload } = input as { FunctionName: string; Payload?: unknown };
      const result = await invoke(call, FunctionName, Payload ?? {});
      return { ExecutedVersion: '$LATEST', Payload: result, StatusCode: 200 } as never;
    },
  ]);
  return Object.fromEntries(handlers);
}

async function invoke(call: FunctionCall, functionArn: string, input: unknown): Promise<unknown> {
  const outcome = await call(functionArn, JSON.stringify(input)).catch((error: Error) => {
    throw new TaskFailure('Lambda.ResourceNotFoundException', error.message);
  });
  const payload: unknown = JSON.parse(outcome.payload);
  if (outcome.functionError !== undefined) {
    const { errorType } = payload as FunctionErrorBody;
    throw new TaskFailure(errorType, outcome.payload);
  }
  return payload;
}
