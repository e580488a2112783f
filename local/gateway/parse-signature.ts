import type { IncomingMessage } from 'node:http';

/** What a request says about its own AWS Signature Version 4. Nothing in it has been verified. */
export interface ClaimedSignature {
  readonly accessKeyId: string;
  /** `20261123`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** Lower-case header names, in the order the client listed them. */
  readonly signedHeaders: readonly string[];
  /** Lower-case hex. */
  readonly signature: string;
  /** `20261123T101112Z`. */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  /** Seconds a presigned URL is good for; `undefined` when the signature is in a header. */
  readonly expiresSeconds: number | undefined;
}

/** The signature is there but cannot be read, or is of a kind the gateway does not accept. */
export class MalformedSignatureError extends Error {
  override readonly name = 'MalformedSignatureError';
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Lower-case names of the query parameters that make a URL presigned. */
export const PRESIGNED_PARAMETERS: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-signedheaders',
  'x-amz-signature',
  'x-amz-security-token',
  'x-amz-content-sha256',
]);

/**
 * Reads the signature a request carries, in its `Authorization` header or in its query.
 * @returns `undefined` when the request is not signed at all.
 * @throws MalformedSignatureError when it is signed in another or a broken way.
 */
export function parseSignature(
  request: IncomingMessage,
  query: URLSearchParams,
): ClaimedSignature | undefined {
  const authorization = request.headers.authorization;
  if (authorization !== undefined) return parseHeader(request, authorization);
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) return parseQuery(query);
  return undefined;
}

function parseHeader(request: IncomingMessage, authorization: string): ClaimedSignature {
  const [, algorithm, rest] = /^(\S+)\s+(.*)$/s.exec(authorization) ?? [];
  if (algorithm !== ALGORITHM || rest === undefined) throw unsupported(algorithm);
  const fields = new Map<string, string>();
  for (const part of rest.split(',')) {
    const equals = part.indexOf('=');
    if (equals > 0) fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const token = request.headers['x-amz-security-token'];
  return claim({
    credential: fields.get('Credential'),
    signedHeaders: fields.get('SignedHeaders'),
    signature: fields.get('Signature'),
    timestamp: headerTimestamp(request),
    sessionToken: Array.isArray(token) ? token[0] : token,
    expiresSeconds: undefined,
  });
}

function parseQuery(query: URLSearchParams): ClaimedSignature {
  const algorithm = query.get('X-Amz-Algorithm');
  if (algorithm !== ALGORITHM) throw unsupported(algorithm ?? undefined);
  const expires = query.get('X-Amz-Expires') ?? '';
  if (!/^\d{1,7}$/.test(expires)) {
    throw new MalformedSignatureError('X-Amz-Expires must be a number of seconds');
  }
  return claim({
    credential: query.get('X-Amz-Credential') ?? undefined,
    signedHeaders: query.get('X-Amz-SignedHeaders') ?? undefined,
    signature: query.get('X-Amz-Signature') ?? undefined,
    timestamp: query.get('X-Amz-Date') ?? undefined,
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    expiresSeconds: Number(expires),
  });
}

interface Fields {
  credential: string | undefined;
  signedHeaders: string | undefined;
  signature: string | undefined;
  timestamp: string | undefined;
  sessionToken: string | undefined;
  expiresSeconds: number | undefined;
}

function claim(fields: Fields): ClaimedSignature {
  // An access key id may contain slashes in theory; the last four parts are always the scope.
  const parts = (fields.credential ?? '').split('/');
  const [date, region, service, terminator] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (!accessKeyId || !date || !region || !service || terminator !== 'aws4_request') {
    throw new MalformedSignatureError(
      'Credential must be <access key id>/<date>/<region>/<service>/aws4_request',
    );
  }
  if (!fields.signature || !/^[0-9a-f]{64}$/.test(fields.signature)) {
    throw new MalformedSignatureError('Signature must be 64 hexadecimal digits');
  }
  if (!fields.timestamp || !/^\d{8}T\d{6}Z$/.test(fields.timestamp)) {
    throw new MalformedSignatureError('X-Amz-Date or Date is missing or malformed');
  }
  if (!fields.timestamp.startsWith(date)) {
    throw new MalformedSignatureError('the date of the Credential differs from X-Amz-Date');
  }
  const signedHeaders = (fields.signedHeaders ?? '').split(';');
  if (!signedHeaders.includes('host')) {
    throw new MalformedSignatureError('SignedHeaders must contain host');
  }
  const { signature, timestamp, sessionToken, expiresSeconds } = fields;
  return {
    accessKeyId,
    date,
    region,
    service,
    signedHeaders,
    signature,
    timestamp,
    sessionToken,
    expiresSeconds,
  };
}

function headerTimestamp(request: IncomingMessage): string | undefined {
  const amzDate = request.headers['x-amz-date'];
  if (typeof amzDate === 'string') return amzDate;
  const date = request.headers.date;
  if (date === undefined || Number.isNaN(Date.parse(date))) return date;
  return new Date(date).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function unsupported(algorithm: string | undefined): MalformedSignatureError {
  return new MalformedSignatureError(
    `the authorization mechanism ${algorithm ?? '(none)'} is not supported, use ${ALGORITHM}`,
  );
}
