import { createHash } from 'node:crypto';
import { HoldfastError } from './errors.ts';

/** A ULID: 26 characters of Crockford's base 32, the first 10 of them a time in milliseconds. */
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** What an id stands for, as messages name it. */
export type IdKind =
  | 'client'
  | 'vault'
  | 'chain'
  | 'snapshot'
  | 'restore'
  | 'run'
  | 'verification'
  | 'hold'
  | 'erasure'
  | 'certificate';

/** Digits of a ULID by value (ULID specification, Crockford's base 32). */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;

/** @returns when an id was made, as it says itself. */
export function idTime(id: string): Date {
  const digits = [...id.slice(0, TIME_DIGITS)];
  return new Date(digits.reduce((time, digit) => time * 32 + DIGITS.indexOf(digit), 0));
}

/**
 * The id of what continues another, and is made once: the same whoever asks for it, and just behind
 * that other one in the order of ids (format.md 8.6).
 */
export function continuingId(id: string): string {
  let time = idTime(id).getTime() + 1;
  let digits = '';
  for (let digit = 0; digit < TIME_DIGITS; digit += 1) {
    digits = `${DIGITS[time % 32]}${digits}`;
    time = Math.floor(time / 32);
  }
  const digest = createHash('sha256')
    .update(id)
    .digest()
    .subarray(0, id.length - TIME_DIGITS);
  return digits + [...digest].map((byte) => DIGITS[byte % 32]).join('');
}

/** @returns whether a text is a ULID. */
export function isId(value: string): boolean {
  return ULID.test(value);
}

/** @throws HoldfastError `ID_INVALID` when `value` is not a ULID. */
export function requireId(kind: IdKind, value: string): string {
  if (!isId(value)) {
    throw new HoldfastError('ID_INVALID', { what: kind });
  }
  return value;
}
