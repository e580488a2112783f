import { createHash, createHmac } from 'node:crypto';

const REGION = 'eu-central-1';

interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Headers that sign one request. `path` and `query` are canonical already: the caller decides what
 * was signed, which may differ from what is sent.
 */
export function signHeaders(
  input: Signer & {
    service: string;
    method: string;
    host: string;
    path: string;
    query?: string;
    body?: string;
    date: Date;
    /** Leaves `x-amz-content-sha256` out, as old releases of curl do. */
    omitHash?: boolean;
  },
): Record<string, string> {
  const timestamp = toTimestamp(input.date);
  const hash = sha256(input.body ?? '');
  const stated: Record<string, string> = input.omitHash ? {} : { 'x-amz-content-sha256': hash };
  const headers = { host: input.host, ...stated, 'x-amz-date': timestamp };
  const names = Object.keys(headers);
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = [
    input.method,
    input.path,
    input.query ?? '',
    lines.join(''),
    names.join(';'),
    hash,
  ].join('\n');
  const scope = `${timestamp.slice(0, 8)}/${REGION}/${input.service}/aws4_request`;
  const signature = sign(input.secretAccessKey, input.service, timestamp, scope, canonical);
  return {
    ...stated,
    'x-amz-date': timestamp,
    authorization:
      `AWS4-HMAC-SHA256 Credential=${input.accessKeyId}/${scope}, ` +
      `SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

/** A URL for a GET of S3, presigned. `extra` is a canonical query to sign along. */
export function presign(
  input: Signer & { endpoint: string; path: string; date: Date; expires: number; extra: string },
): string {
  const timestamp = toTimestamp(input.date);
  const scope = `${timestamp.slice(0, 8)}/${REGION}/s3/aws4_request`;
  const query = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${encodeURIComponent(`${input.accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${timestamp}`,
    `X-Amz-Expires=${input.expires}`,
    'X-Amz-SignedHeaders=host',
    ...(input.extra === '' ? [] : input.extra.split('&')),
  ].join('&');
  const { host } = new URL(input.endpoint);
  const canonical = ['GET', input.path, query, `host:${host}\n`, 'host', 'UNSIGNED-PAYLOAD'];
  const signature = sign(input.secretAccessKey, 's3', timestamp, scope, canonical.join('\n'));
  return `${input.endpoint}${input.path}?${query}&X-Amz-Signature=${signature}`;
}

function sign(
  secret: string,
  service: string,
  timestamp: string,
  scope: string,
  canonical: string,
): string {
  const key = [timestamp.slice(0, 8), REGION, service, 'aws4_request'].reduce<Buffer>(
    (parent, part) => createHmac('sha256', parent).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  const toSign = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`;
  return createHmac('sha256', key).update(toSign).digest('hex');
}

function toTimestamp(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
