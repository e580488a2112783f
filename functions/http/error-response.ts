import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { FAULT_STATUS, OK_STATUS, UNEXPECTED_STATUS } from '../../shared/admin-api/fault-status.ts';
import { isFault } from '../../shared/domain/errors.ts';

/** What an error answer says: `error` is a code of the fault catalogue, or `UNEXPECTED`. */
export interface ErrorBody {
  readonly error: string;
  readonly message: string;
  /** What to do about it. */
  readonly next: string;
  /** Finds the request in the logs. */
  readonly requestId: string;
}

/** Answers may hold clients' names, so nothing between may keep them. */
const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' } as const;

/** @returns the response to a request that did what it was asked. */
export function answerResponse(answer: unknown): APIGatewayProxyStructuredResultV2 {
  return { statusCode: OK_STATUS, headers: HEADERS, body: JSON.stringify(answer) };
}

/**
 * @returns the response to a failed request. One that is Holdfast's or AWS's fault is answered
 * with the request's id; what went wrong inside stays in the logs.
 */
export function errorResponse(
  error: unknown,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  const { statusCode, ...body } = describe(error);
  return { statusCode, headers: HEADERS, body: JSON.stringify({ ...body, requestId }) };
}

function describe(error: unknown): Omit<ErrorBody, 'requestId'> & { statusCode: number } {
  if (!isFault(error)) {
    return {
      statusCode: UNEXPECTED_STATUS,
      error: 'UNEXPECTED',
      message: 'Something went wrong that Holdfast does not know.',
      next: 'Look for the request id in the logs of the function.',
    };
  }
  const statusCode = FAULT_STATUS[error.kind];
  const message =
    error.kind === 'unavailable'
      ? 'A service that Holdfast relies on did not answer.'
      : error.message;
  return { statusCode, error: error.code, message, next: error.next };
}
