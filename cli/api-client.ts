import type { Answers } from '../shared/admin-api/answers.ts';
import { faultKindOf, OK_STATUS } from '../shared/admin-api/fault-status.ts';
import type { BodyInputOf, ParamsOf, QueryInputOf } from '../shared/admin-api/route-inputs.ts';
import { ROUTES, type RouteName } from '../shared/admin-api/routes.ts';
import { FAULTS, type FaultCode } from '../shared/domain/fault-catalogue.ts';
import { CliError } from './cli-error.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { HOW_TO_GET_URL } from './settings.ts';
import type { ApiRequest, Sign } from './sign-request.ts';

/** What a call sends: the ids in the route's path, and its query or body. */
export type CallInput<R extends RouteName> = {
  readonly params: ParamsOf<R>;
  readonly query?: QueryInputOf<R>;
} & (undefined extends BodyInputOf<R> ? unknown : { readonly body: BodyInputOf<R> });

/**
 * Calls one route of the admin API.
 * @throws CliError with the code the API answered; `API_UNREACHABLE` when there was no answer.
 */
export type CallApi = <R extends RouteName>(route: R, input: CallInput<R>) => Promise<Answers[R]>;

/** Where the API is, and what the client needs of the machine. */
export interface ApiClientOptions {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly sign: Sign;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Longer than API Gateway's own limit of 30 seconds. */
const TIMEOUT_MS = 35_000;

/** Waits before each further try of a question. What changes something is asked only once. */
const RETRY_WAITS_MS = [200, 1000, 3000];

/** @returns a typed client of `ROUTES`. */
export function apiClient({ apiUrl, sign, sleep }: ApiClientOptions): CallApi {
  async function attempt(request: ApiRequest): Promise<unknown> {
    const { url, method, headers, body } = await sign(request);
    const response = await fetch(url, {
      method,
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body }),
    }).catch((cause: unknown) => {
      throw unreachable(cause, url);
    });
    const text = await response.text().catch((cause: unknown) => {
      throw unreachable(cause, url);
    });
    const answer = parseJson(text);
    if (response.status !== OK_STATUS) {
      throw answeredError(url, response.status, answer);
    }
    if (answer === undefined) {
      throw notTheApi(url);
    }
    return answer;
  }

  return async (route, input) => {
    const request = requestTo(apiUrl, route, input);
    for (const wait of request.method === 'GET' ? RETRY_WAITS_MS : []) {
      try {
        return (await attempt(request)) as Answers[typeof route];
      } catch (error) {
        if (!(error instanceof CliError) || error.exitCode !== EXIT.unavailable) {
          throw error;
        }
        await sleep(wait);
      }
    }
    return (await attempt(request)) as Answers[typeof route];
  };
}

function requestTo(
  apiUrl: string,
  route: RouteName,
  input: { params: object; query?: object; body?: unknown },
): ApiRequest {
  const { method, path } = ROUTES[route];
  const params = input.params as Readonly<Record<string, string>>;
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? ''));
  const url = new URL(`${apiUrl}${filled}`);
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) {
      url.searchParams.set(name, String(value));
    }
  }
  if (method === 'GET') {
    return { method, url, headers: {} };
  }
  const headers = { 'content-type': 'application/json' };
  return { method, url, headers, body: JSON.stringify(input.body ?? {}) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Errors of the functions name a fault; API Gateway's own say only `{"message": "Forbidden"}`. */
function answeredError(url: URL, status: number, answer: unknown): CliError {
  const body = (answer ?? {}) as Partial<
    Record<'error' | 'message' | 'next' | 'requestId', string>
  >;
  if (body.error === undefined && faultKindOf(status) === 'absent') {
    return notTheApi(url);
  }
  const kind =
    body.error !== undefined && body.error in FAULTS
      ? FAULTS[body.error as FaultCode].kind
      : faultKindOf(status);
  const request = body.requestId === undefined ? '' : ` (request ${body.requestId})`;
  return new CliError({
    code: body.error ?? 'API_REFUSED',
    message: `${body.message ?? 'The admin API gave no reason'}${request}`,
    next: body.next ?? nextAfter(status, body.message ?? ''),
    exitCode: kind === undefined ? EXIT.unexpected : exitCodeOf(kind),
  });
}

/** What API Gateway says of credentials it does not take, as opposed to ones without permission. */
const WRONG_CREDENTIALS = /security token|signature/i;

function nextAfter(status: number, message: string): string {
  if (WRONG_CREDENTIALS.test(message)) {
    return "Check your AWS credentials, and this machine's clock.";
  }
  return faultKindOf(status) === 'refused'
    ? 'Check that your AWS identity has the operator or supervisor policy of this installation.'
    : 'Check HOLDFAST_API_URL, then try again.';
}

function unreachable(cause: unknown, { hostname, host }: URL): CliError {
  const isHere = hostname === 'localhost' || hostname.startsWith('127.');
  const failure = {
    code: 'API_UNREACHABLE',
    message: `The admin API at ${host} did not answer (${reasonOf(cause)}).`,
    next: isHere
      ? 'Is "npm run local" still running? If it has another port now, set HOLDFAST_API_URL again.'
      : 'Check HOLDFAST_API_URL and the network, then try again.',
    exitCode: EXIT.unavailable,
  };
  return new CliError(failure, cause);
}

/** The code below fetch's own "fetch failed", such as `ECONNREFUSED`. */
function reasonOf(cause: unknown): string {
  const { cause: below, name } = cause as { cause?: { code?: string }; name?: string };
  return below?.code ?? name ?? 'no reason given';
}

function notTheApi({ host }: URL): CliError {
  return new CliError({
    code: 'API_UNKNOWN',
    message: `What answers at ${host} is not the admin API.`,
    next: `Check HOLDFAST_API_URL. ${HOW_TO_GET_URL}`,
    exitCode: EXIT.usage,
  });
}
