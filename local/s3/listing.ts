import { MAX_LISTING } from './limits.ts';
import type { S3Call } from './s3-call.ts';
import { invalidArgument } from './s3-errors.ts';
import type { ObjectVersion } from './store/object-version.ts';
import type { VersionWalk, WalkStart } from './store/version-table.ts';

/** What all listings have in common. */
export interface ListingQuery {
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  /** 0 to 1,000. */
  readonly most: number;
  /** Writes a key as the client wants it: as it is, or percent-encoded. */
  readonly encode: (text: string) => string;
  readonly encodingType: string | undefined;
}

/** One page: entries and rolled-up prefixes, and where the next page goes on. */
export interface ListingPage {
  readonly entries: readonly ObjectVersion[];
  readonly prefixes: readonly string[];
  /** Last thing on the page when more follows. */
  readonly resume?: { readonly prefix: string } | { readonly version: ObjectVersion };
}

/** @throws LocalAwsError `InvalidArgument` */
export function readListingQuery(call: S3Call, countName: string): ListingQuery {
  const { query } = call;
  const encodingType = query.get('encoding-type') ?? undefined;
  if (encodingType !== undefined && encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type');
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    most: Math.min(readCount(query, countName, MAX_LISTING), MAX_LISTING),
    encode: encodingType === 'url' ? encodeKey : (text) => text,
    encodingType,
  };
}

/** @throws LocalAwsError `InvalidArgument` unless it is a 32-bit natural number */
export function readCount(query: URLSearchParams, name: string, preset: number): number {
  const text = query.get(name);
  if (text === null || text === '') {
    return preset;
  }
  const count = Number(text);
  if (!(/^\d+$/.test(text) && count <= 0x7fff_ffff)) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text);
  }
  return count;
}

/** `encoding-type=url`: a query's form, with `/` and `*` left alone. */
function encodeKey(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * The smallest text above every text that begins with `prefix`, in the order of code points,
 * which is that of UTF-8 bytes; `undefined` when there is none.
 */
function afterPrefix(prefix: string): string | undefined {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const code = last.codePointAt(0) as number;
    if (code < 0x10ffff) {
      // Surrogates are no code points of their own.
      const next = code === 0xd7ff ? 0xe000 : code + 1;
      return points.join('') + String.fromCodePoint(next);
    }
  }
  return undefined;
}

/** The common prefix a key is rolled up into; `undefined` when it is listed itself. */
function rollUp(key: string, { prefix, delimiter }: ListingQuery): string | undefined {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return end === -1 ? undefined : key.slice(0, end + delimiter.length);
}

/** Continues after everything under a common prefix; `undefined` when nothing can follow. */
export function startAfterPrefix(prefix: string): WalkStart | undefined {
  const key = afterPrefix(prefix);
  return key === undefined ? undefined : { key, inclusive: true };
}

/**
 * Where a listing begins that is to go on after `marker`: after all its keys when the marker is a
 * common prefix of this very listing, as the last page's marker may be.
 */
export function startAfterMarker(marker: string, query: ListingQuery): WalkStart | undefined {
  const isCommonPrefix =
    marker.startsWith(query.prefix) && rollUp(marker, query) === marker && marker !== '';
  return isCommonPrefix ? startAfterPrefix(marker) : { key: marker, inclusive: false };
}

/** Collects a page, jumping over what is rolled up. */
export function collectPage(
  query: ListingQuery,
  start: WalkStart | undefined,
  walk: (start: WalkStart) => VersionWalk,
  isListed: (version: ObjectVersion) => boolean,
): ListingPage {
  const entries: ObjectVersion[] = [];
  const prefixes: string[] = [];
  let resume: ListingPage['resume'];
  if (start === undefined || query.most === 0) {
    return { entries, prefixes };
  }
  const versions = walk(beginAtPrefix(start, query.prefix));
  let step = versions.next(undefined);
  while (!step.done && step.value.key.startsWith(query.prefix)) {
    const version = step.value;
    let jump: WalkStart | undefined;
    if (isListed(version)) {
      if (entries.length + prefixes.length === query.most) {
        return { entries, prefixes, ...(resume === undefined ? {} : { resume }) };
      }
      const rolled = rollUp(version.key, query);
      if (rolled === undefined) {
        entries.push(version);
        resume = { version };
      } else {
        prefixes.push(rolled);
        resume = { prefix: rolled };
        jump = startAfterPrefix(rolled);
        if (jump === undefined) {
          break;
        }
      }
    }
    step = versions.next(jump);
  }
  return { entries, prefixes };
}

function beginAtPrefix(start: WalkStart, prefix: string): WalkStart {
  return Buffer.compare(Buffer.from(start.key), Buffer.from(prefix)) < 0
    ? { key: prefix, inclusive: true }
    : start;
}
