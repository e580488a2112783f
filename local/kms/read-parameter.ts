import type { JsonObject } from '../gateway/json-protocol.ts';
import { invalidParameter } from './kms-error.ts';

/** @throws LocalAwsError `ValidationException` when it is missing or no text. */
export function requiredText(input: JsonObject, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined || value === '') throw invalidParameter(`${name} is missing`);
  return value;
}

export function optionalText(input: JsonObject, name: string): string | undefined {
  const value = input[name] ?? undefined;
  if (value !== undefined && typeof value !== 'string') {
    throw invalidParameter(`${name} must be a string`);
  }
  return value;
}

/** A whole number within `min` and `max`, or `fallback` when it is not given. */
export function optionalInteger(
  input: JsonObject,
  name: string,
  limits: { min: number; max: number; fallback: number },
): number {
  const value = input[name] ?? limits.fallback;
  const { min, max } = limits;
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    throw invalidParameter(`${name} must be between ${min} and ${max} (inclusive)`);
  }
  return value as number;
}

/** Bytes sent as base64, `min` to `max` of them. */
export function requiredBytes(
  input: JsonObject,
  name: string,
  limits: { min: number; max: number },
): Buffer {
  const bytes = Buffer.from(requiredText(input, name), 'base64');
  if (bytes.length < limits.min || bytes.length > limits.max) {
    throw invalidParameter(
      `${name} must have length between ${limits.min} and ${limits.max}; it has ${bytes.length}`,
    );
  }
  return bytes;
}

/** One of `values`, or the first of them when it is not given. */
export function optionalChoice<Value extends string>(
  input: JsonObject,
  name: string,
  values: readonly [Value, ...Value[]],
): Value {
  const text = optionalText(input, name) ?? values[0];
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) {
    throw invalidParameter(`${name} must be one of ${values.join(', ')}; it is ${text}`);
  }
  return value;
}
