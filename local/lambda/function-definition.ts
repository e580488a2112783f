/** A Lambda function as its template declares it. */
export interface FunctionDefinition {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly accountId: string;
  readonly roleArn: string;
  /** `<file without extension>.<export>`, such as `index.handler`. */
  readonly handler: string;
  /** Folder with the code asset. */
  readonly codeDirectory: string;
  /** Variables of the template, nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  /** Megabytes; becomes the limit of the worker's JavaScript heap. */
  readonly memorySize: number;
  readonly timeoutSeconds: number;
  readonly logGroupName: string;
  /** Invocations that run at once, at most 4. */
  readonly reservedConcurrency?: number;
  /** Queue or topic for events whose retries are used up. */
  readonly deadLetterArn?: string;
}

/** How a function treats asynchronous events (`AWS::Lambda::EventInvokeConfig`). */
export interface EventInvokeConfig {
  /** Further attempts after the first: 0 to 2. */
  readonly maximumRetryAttempts: number;
  readonly onFailureArn?: string;
  readonly onSuccessArn?: string;
}

/** What Lambda does when a template says nothing. */
export const DEFAULT_EVENT_INVOKE_CONFIG: EventInvokeConfig = { maximumRetryAttempts: 2 };

/** How an invocation ended. `payload` is JSON: the function's result or the error object. */
export interface InvocationOutcome {
  readonly requestId: string;
  readonly payload: string;
  /** Set as in the `x-amz-function-error` header when the function failed. */
  readonly functionError?: 'Unhandled';
}

/** The error object Lambda answers with when a function fails. */
export interface FunctionErrorBody {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}
