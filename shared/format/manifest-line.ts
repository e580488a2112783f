import type { ManifestLine, ManifestRecord } from './manifest-record.ts';

type Texts = Readonly<Record<string, string>>;

/** What a line's JSON may be. */
type Unchecked = { readonly [Field in keyof ManifestRecord | 'skipped']?: unknown };

const SHA256 = /^[0-9a-f]{64}$/;

/** An instant of ISO 8601 in UTC, to any part of a second. */
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** @returns one line, ended by a line feed. */
export function manifestLine(line: ManifestLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * @returns what a line without its line feed says, `undefined` when it is none. Fields it does not
 * know are dropped (format.md 7.2).
 */
export function parseManifestLine(line: string): ManifestLine | undefined {
  let value: Unchecked | null;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  return value.skipped === undefined ? recordOf(value) : skippedOf(value);
}

/** format.md 4.3. Written out: a schema would take as long for it as all else an entry costs. */
function recordOf(value: Unchecked): ManifestLine | undefined {
  const { path, size, sha256, modified, etag, contentType, metadata, tags, pack, entry } = value;
  if (
    !isName(path) ||
    !isSize(size) ||
    typeof sha256 !== 'string' ||
    !SHA256.test(sha256) ||
    !isInstant(modified) ||
    typeof etag !== 'string' ||
    !(contentType === null || typeof contentType === 'string') ||
    !isTexts(metadata) ||
    !isTexts(tags) ||
    !isName(pack)
  ) {
    return undefined;
  }
  const record = { path, size, sha256, modified, etag, contentType, metadata, tags, pack };
  if (entry === undefined) {
    return record;
  }
  return isName(entry) ? { ...record, entry } : undefined;
}

/** format.md 4.7 */
function skippedOf({ path, size, modified, etag, skipped }: Unchecked): ManifestLine | undefined {
  return isName(path) &&
    isSize(size) &&
    isInstant(modified) &&
    typeof etag === 'string' &&
    isName(skipped)
    ? { path, size, modified, etag, skipped }
    : undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTexts(value: unknown): value is Texts {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  for (const name in value) {
    if (typeof (value as Record<string, unknown>)[name] !== 'string') {
      return false;
    }
  }
  return true;
}

function isInstant(value: unknown): value is string {
  const parts = typeof value === 'string' ? INSTANT.exec(value) : null;
  return parts !== null && isDay(Number(parts[1]), Number(parts[2]), Number(parts[3]));
}

function isDay(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && !isLeap ? 28 : DAYS[month - 1];
  return days !== undefined && day >= 1 && day <= days;
}
