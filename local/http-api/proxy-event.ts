import type { LocalRequest } from '../gateway/service.ts';

/** What of a request API Gateway hands to a function besides the request itself. */
export interface ProxyEventParts {
  readonly request: LocalRequest;
  readonly apiId: string;
  readonly routeKey: string;
  /** Path below the API, still encoded. */
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly now: Date;
}

/** Builds the event of an HTTP API's Lambda integration, payload format 2.0, IAM authorizer. */
export function proxyEventOf(parts: ProxyEventParts): Record<string, unknown> {
  const { request, body, now } = parts;
  const { cookie, ...otherHeaders } = request.headers;
  const isText = isTextual(request.headers['content-type']);
  const path = decodePath(parts.path);
  const query = queryParameters(request.query);
  const hasParameters = Object.keys(parts.pathParameters).length > 0;
  return {
    version: '2.0',
    routeKey: parts.routeKey,
    rawPath: path,
    rawQueryString: request.rawQuery,
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers: flatten(otherHeaders),
    ...(query === undefined ? {} : { queryStringParameters: query }),
    ...(hasParameters ? { pathParameters: parts.pathParameters } : {}),
    requestContext: {
      accountId: request.identity.accountId,
      apiId: parts.apiId,
      authorizer: { iam: iamAuthorizerOf(request) },
      domainName: request.host,
      domainPrefix: parts.apiId,
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: String(request.headers['user-agent'] ?? ''),
      },
      requestId: request.id,
      routeKey: parts.routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function iamAuthorizerOf(request: LocalRequest): Record<string, unknown> {
  const { accountId, accessKeyId, arn } = request.identity;
  return {
    accessKey: accessKeyId,
    accountId,
    callerId: accessKeyId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: arn,
    userId: accessKeyId,
  };
}

function flatten(headers: LocalRequest['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return flat;
}

function queryParameters(query: URLSearchParams): Record<string, string> | undefined {
  const names = [...new Set(query.keys())];
  return names.length === 0
    ? undefined
    : Object.fromEntries(names.map((name) => [name, query.getAll(name).join(',')]));
}

function isTextual(contentType: string | undefined): boolean {
  return /^(text\/|application\/(json|xml|javascript|[\w.-]+\+json))/.test(contentType ?? 'text/');
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** `23/Nov/2026:10:11:12 +0000` */
function commonLogTime(now: Date): string {
  const [, day, month, year, time] = now.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
