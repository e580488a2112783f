import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { LocalAwsError, type LocalRequest } from './service.ts';

/** A JSON object as it came from or goes to the wire. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads a whole body. Bodies of the JSON services are limited by the gateway. */
export async function readBody(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/**
 * Reads a body that must be a JSON object; an empty one counts as `{}`.
 * @throws LocalAwsError `SerializationException` when it is anything else.
 */
export async function readJsonObject(body: Readable): Promise<JsonObject> {
  return parseJsonObject(await readBody(body));
}

/** The part of `readJsonObject` after reading. @throws LocalAwsError `SerializationException`. */
export function parseJsonObject(body: Buffer): JsonObject {
  const text = body.toString('utf8');
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LocalAwsError('SerializationException', 400, 'The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LocalAwsError('SerializationException', 400, 'The body is not a JSON object.');
  }
  return value as JsonObject;
}

/**
 * The operation in `X-Amz-Target`, such as `Decrypt` of `TrentService.Decrypt`.
 * @returns `undefined` when the header is missing or names none of `prefixes`.
 */
export function targetOperation(
  request: Pick<LocalRequest, 'headers'>,
  prefixes: readonly string[],
): string | undefined {
  const target = request.headers['x-amz-target'];
  if (typeof target !== 'string') return undefined;
  const prefix = prefixes.find((candidate) => target.startsWith(`${candidate}.`));
  return prefix === undefined ? undefined : target.slice(prefix.length + 1);
}

/** Writes an answer of AWS's JSON protocol; `version` is the one the service speaks. */
export function writeJson(
  response: ServerResponse,
  status: number,
  value: JsonObject,
  version: '1.0' | '1.1' = '1.1',
): void {
  const body = Buffer.from(JSON.stringify(value), 'utf8');
  response.writeHead(status, {
    'content-type': `application/x-amz-json-${version}`,
    'content-length': body.length,
  });
  response.end(body);
}

/** Writes an error of AWS's JSON protocol. */
export function writeJsonError(
  response: ServerResponse,
  error: LocalAwsError,
  version: '1.0' | '1.1' = '1.1',
): void {
  const value = { __type: error.code, message: error.message, ...error.fields };
  writeJson(response, error.status, value, version);
}
