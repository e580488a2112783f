import type { AdminHandler } from '../../functions/http/admin-handler.ts';
import type { HttpRequest } from '../../functions/http/parse-request.ts';
import { ROUTES, type RouteName } from '../../shared/admin-api/routes.ts';

export const OPERATOR = 'arn:aws:iam::111122223333:user/operator';
export const SUPERVISOR = 'arn:aws:iam::111122223333:user/supervisor';

/** A request as API Gateway hands it over: payload format 2.0 with the IAM authorizer. */
export function httpRequest(
  route: RouteName,
  parts: {
    params?: Record<string, string>;
    query?: Record<string, string>;
    body?: unknown;
    /** Default: the operator; `null` for a request without an identity. */
    actor?: string | null;
  } = {},
): HttpRequest {
  const { method, path } = ROUTES[route];
  const { actor = OPERATOR, params, query, body } = parts;
  return {
    routeKey: `${method} ${path}`,
    ...(params === undefined ? {} : { pathParameters: params }),
    ...(query === undefined ? {} : { queryStringParameters: query }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    isBase64Encoded: false,
    requestContext: {
      requestId: 'request-1',
      ...(actor === null ? {} : { authorizer: { iam: { userArn: actor } } }),
    },
  };
}

/** @returns status and parsed body of a function's response. */
export function opened(response: Awaited<ReturnType<AdminHandler>>): {
  status: number | undefined;
  body: ReturnType<typeof JSON.parse>;
} {
  return { status: response.statusCode, body: JSON.parse(response.body ?? 'null') };
}
