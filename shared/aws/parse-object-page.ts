import { decodeListedKey } from './s3-key-encoding.ts';

/** A current object of a bucket. */
export interface PageObject {
  readonly key: string;
  readonly size: number;
  /** Without the quotes HTTP puts around it. */
  readonly etag: string;
  /** ISO 8601 instant. */
  readonly modified: string;
}

/** One page of a listing. */
export interface ObjectPage {
  readonly objects: readonly PageObject[];
  /** To ask for the next page with; `undefined` on the last one. */
  readonly nextToken: string | undefined;
}

/** An answer of success that is no whole listing. */
export class UnreadableListing extends Error {
  override readonly name = 'UnreadableListing';
  /** As the SDK's errors have it: an answer came, and could not be read to its end. */
  readonly $metadata = { httpStatusCode: 200 };
}

/** How a whole listing ends. */
export const LISTING_END = '</ListBucketResult>';

const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/**
 * Parses what S3 answers to ListObjectsV2 with `EncodingType: 'url'`: one level of elements with
 * text, no attributes, and of each object only what a backup needs.
 *
 * @throws UnreadableListing when it breaks off, or lacks something of an object.
 */
export function parseObjectPage(xml: string): ObjectPage {
  const objects: PageObject[] = [];
  let at = xml.indexOf('<Contents>');
  const head = at < 0 ? xml : xml.slice(0, at);
  let end = 0;
  while (at >= 0) {
    end = xml.indexOf('</Contents>', at);
    if (end < 0) {
      break;
    }
    objects.push(parseObject(xml, at, end));
    at = xml.indexOf('<Contents>', end);
  }
  const tail = xml.slice(end);
  if (!tail.trimEnd().endsWith(LISTING_END)) {
    throw new UnreadableListing('A listing breaks off.');
  }
  // S3 writes the token before the objects; nothing says that all others do.
  const nextToken = textOf(head, 'NextContinuationToken') ?? textOf(tail, 'NextContinuationToken');
  return { objects, nextToken };
}

function parseObject(xml: string, start: number, end: number): PageObject {
  const modified = new Date(requireText(xml, 'LastModified', start, end));
  const size = Number(requireText(xml, 'Size', start, end));
  if (Number.isNaN(modified.getTime()) || !Number.isSafeInteger(size)) {
    throw new UnreadableListing('A listing has an object with a size or time that is none.');
  }
  return {
    key: decodeListedKey(requireText(xml, 'Key', start, end)),
    size,
    etag: requireText(xml, 'ETag', start, end).replaceAll('"', ''),
    modified: modified.toISOString(),
  };
}

function requireText(xml: string, element: string, start: number, end: number): string {
  const text = textOf(xml, element, start, end);
  if (text === undefined) {
    throw new UnreadableListing(`A listing has an object without ${element}.`);
  }
  return text;
}

function textOf(xml: string, element: string, start = 0, end = xml.length): string | undefined {
  const open = xml.indexOf(`<${element}>`, start);
  if (open < 0 || open >= end) {
    return undefined;
  }
  const from = open + element.length + 2;
  return decodeEntities(xml.slice(from, xml.indexOf('<', from)));
}

function decodeEntities(text: string): string {
  return text.includes('&') ? text.replace(/&(#x?)?(\w+);/g, decodeEntity) : text;
}

function decodeEntity(entity: string, number: string | undefined, name: string): string {
  if (number === undefined) {
    return NAMED_ENTITIES[name] ?? entity;
  }
  return String.fromCodePoint(Number.parseInt(name, number === '#x' ? 16 : 10));
}
