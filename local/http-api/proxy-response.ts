/** An HTTP answer made of what a function returned. */
export interface ProxyResponse {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer;
}

interface FunctionAnswer {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly cookies?: readonly string[];
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
}

/**
 * Maps a function's answer as payload format 2.0 does: an object with `statusCode` is the response,
 * anything else is sent as the JSON body of a 200. An answer that cannot be mapped is a 500.
 */
export function proxyResponseOf(payload: string): ProxyResponse {
  const value = JSON.parse(payload) as FunctionAnswer | null;
  if (typeof value !== 'object' || value === null || value.statusCode === undefined) {
    const body = typeof value === 'string' ? value : payload;
    return { status: 200, headers: json(), body: Buffer.from(body) };
  }
  const status = Number(value.statusCode);
  const bodyIsText = value.body === undefined || typeof value.body === 'string';
  if (!Number.isInteger(status) || status < 100 || status > 599 || !bodyIsText) {
    return gatewayError(500, 'Internal Server Error');
  }
  const headers: Record<string, string | string[]> = {};
  for (const [name, header] of Object.entries(value.headers ?? {})) {
    headers[name.toLowerCase()] = String(header);
  }
  headers['content-type'] ??= 'text/plain; charset=utf-8';
  if (value.cookies !== undefined && value.cookies.length > 0) {
    headers['set-cookie'] = [...value.cookies];
  }
  const encoding = value.isBase64Encoded === true ? 'base64' : 'utf8';
  return { status, headers, body: Buffer.from(String(value.body ?? ''), encoding) };
}

/** An error that API Gateway itself answers with. */
export function gatewayError(status: number, message: string): ProxyResponse {
  return { status, headers: json(), body: Buffer.from(JSON.stringify({ message })) };
}

function json(): Record<string, string | string[]> {
  return { 'content-type': 'application/json' };
}
