/** What the SDK adds to every error of a call. */
interface ResponseMetadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string;
  readonly attempts?: number;
}

/**
 * What AWS, or the way to it, answered instead of a result. It keeps no text of the original error:
 * that may quote object keys, and so names of records.
 */
export class AwsAnswer extends Error {
  override readonly name = 'AwsAnswer';
  /** AWS's error code, such as `AccessDenied`, or that of the connection, such as `ECONNRESET`. */
  readonly code: string;
  /** HTTP status; `null` when no answer came. */
  readonly status: number | null;
  /** Whether repeating the call later may help. */
  readonly isTransient: boolean;

  /** How often the call was tried. */
  readonly attempts: number;

  constructor(code: string, status: number | null, metadata: ResponseMetadata) {
    super(`${code} (${status ?? 'no answer'}), request ${metadata.requestId ?? 'unknown'}`);
    this.code = code;
    this.status = status;
    this.attempts = metadata.attempts ?? 1;
    this.isTransient = isUnanswered(status) || status === 429 || RETRYABLE.has(code);
  }
}

/** Codes with a 4xx status that mean "later" (SDK retry behaviour; S3 conditional writes). */
const RETRYABLE: ReadonlySet<string> = new Set([
  'ConditionalRequestConflict',
  'LimitExceededException',
  'OperationAborted',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

/** No status came, the service failed, or an answer of success could not be read to its end. */
function isUnanswered(status: number | null): boolean {
  return status === null || status >= 500 || status < 300;
}

/** Errors of the SDK's own that never reached AWS. */
const BEFORE_SENDING: ReadonlySet<string> = new Set(['CredentialsProviderError', 'TimeoutError']);

/**
 * Reads an error that an AWS client threw.
 * @returns its code and status.
 * @throws the error itself when neither AWS nor the network is its origin: it is a bug.
 */
export function awsAnswerOf(error: unknown): AwsAnswer {
  if (!(error instanceof Error)) {
    throw error;
  }
  const { $metadata, code } = error as Error & {
    readonly $metadata?: ResponseMetadata;
    readonly code?: unknown;
  };
  const status = $metadata?.httpStatusCode ?? null;
  const systemCode = typeof code === 'string' ? code : null;
  if (status === null && systemCode === null && !BEFORE_SENDING.has(error.name)) {
    throw error;
  }
  const name = status === null && systemCode !== null ? systemCode : error.name;
  return new AwsAnswer(name, status, $metadata ?? {});
}
