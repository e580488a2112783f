import type { JsonObject } from '../gateway/json-protocol.ts';
import { invalidParameter } from './kms-error.ts';

/**
 * The encryption context as bytes that are the same for the same pairs in any order: pairs sorted
 * by the UTF-8 bytes of their name, each name and value led by its length (4 bytes, big endian),
 * so that no two different contexts give the same bytes.
 * @throws LocalAwsError `ValidationException` when it is no object of strings.
 */
export function serialiseEncryptionContext(input: JsonObject, parameter: string): Buffer {
  const context = input[parameter] ?? {};
  if (typeof context !== 'object' || Array.isArray(context)) {
    throw invalidParameter(`${parameter} must be an object`);
  }
  const pairs = Object.entries(context as object).map(([name, value]) => {
    if (typeof value !== 'string') throw invalidParameter(`${parameter} must hold strings`);
    return { name: Buffer.from(name, 'utf8'), value: Buffer.from(value, 'utf8') };
  });
  pairs.sort((a, b) => Buffer.compare(a.name, b.name));
  return Buffer.concat(
    pairs.flatMap(({ name, value }) => [length(name), name, length(value), value]),
  );
}

function length(bytes: Buffer): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32BE(bytes.length);
  return field;
}
