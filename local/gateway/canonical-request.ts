import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What of a request its signature covers, as AWS Signature Version 4 arranges it. */
export interface CanonicalParts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: string;
  readonly signedHeaders: string;
  readonly payloadHash: string;
}

/** SHA-256 of the canonical request in lower-case hex, the last line of the string to sign. */
export function hashCanonicalRequest(parts: CanonicalParts): string {
  const text = [
    parts.method,
    parts.path,
    parts.query,
    parts.headers,
    parts.signedHeaders,
    parts.payloadHash,
  ].join('\n');
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * The paths a client may have signed, the likeliest first. S3 signs the path as it is on the wire;
 * a client that leaves a sign like `(` bare on the wire signs it encoded, so both are tried. Every
 * other service signs the wire path normalised and then encoded once more.
 */
export function canonicalPaths(service: string, rawPath: string): readonly string[] {
  if (service !== 's3') return [encodePath(normalisePath(rawPath))];
  const encoded = encodePath(decodeOrKeep(rawPath));
  return encoded === rawPath ? [rawPath] : [rawPath, encoded];
}

/** Query parameters but the signature itself, each decoded and encoded strictly, sorted. */
export function canonicalQuery(rawQuery: string): string {
  return splitQuery(rawQuery)
    .filter(([name]) => decodeOrKeep(name).toLowerCase() !== 'x-amz-signature')
    .map(([name, value]) => [canonicalParameter(name), canonicalParameter(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** One `name:value` line for each signed header, spaces collapsed, repeated headers joined. */
export function canonicalHeaders(request: IncomingMessage, names: readonly string[]): string {
  return names
    .map((name) => {
      const values = request.headersDistinct[name] ?? [];
      return `${name}:${values.map((value) => value.trim().replace(/ +/g, ' ')).join(',')}\n`;
    })
    .join('');
}

/** Name and value of each parameter as sent, in the order sent. */
export function splitQuery(rawQuery: string): ReadonlyArray<readonly [string, string]> {
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}

/** Percent-decodes, or gives the text back when it is no valid UTF-8 encoding. */
export function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function canonicalParameter(text: string): string {
  return encodeStrictly(decodeOrKeep(text.replaceAll('+', '%20')));
}

function normalisePath(rawPath: string): string {
  const kept: string[] = [];
  for (const segment of rawPath.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const trailing = kept.length > 0 && rawPath.endsWith('/') ? '/' : '';
  return `/${kept.join('/')}${trailing}`;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeStrictly).join('/');
}

/** RFC 3986: everything but letters, digits and `-._~` is encoded. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
