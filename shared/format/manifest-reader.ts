import { isUtf8 } from 'node:buffer';
import { compareUtf8 } from '../domain/utf8-order.ts';
import { parseManifestLine } from './manifest-line.ts';
import type { ManifestLine } from './manifest-record.ts';
import { damaged, type Origin } from './origin.ts';

/** Longest line accepted, in bytes: far beyond S3's limits on keys, metadata and tags. */
const MAX_LINE_BYTES = 1024 * 1024;

/** Bytes of lines that are parsed at once, some 200 lines: they live until they were dealt with. */
const BATCH_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;

/**
 * Reads the plaintext of one part of a manifest in batches of lines, holding one chunk of it at a
 * time.
 *
 * @param after - last path of the part before, which all paths must be behind (format.md 4.6);
 * default: none.
 * @throws HoldfastError `OBJECT_DAMAGED` on the first line that is no record or out of order
 * (format.md 4.4), and whatever `plaintext` throws.
 */
export async function* readManifestLines(
  plaintext: AsyncIterable<Buffer>,
  origin: Origin,
  after?: string,
): AsyncGenerator<readonly ManifestLine[]> {
  let lastPath = after;
  for await (const text of wholeLines(plaintext, origin)) {
    const lines: ManifestLine[] = [];
    for (const line of text.split('\n')) {
      const record = parseManifestLine(line);
      if (record === undefined) {
        throw damaged(origin, 'malformed: a line is not a record');
      }
      if (lastPath !== undefined && compareUtf8(lastPath, record.path) >= 0) {
        throw damaged(origin, 'malformed: its records are out of order');
      }
      lastPath = record.path;
      lines.push(record);
    }
    yield lines;
  }
}

/** Yields lines, joined by line feeds, without the last one's. */
async function* wholeLines(
  plaintext: AsyncIterable<Buffer>,
  origin: Origin,
): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of plaintext) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    // No other character has a byte of this value in UTF-8.
    for (let end = lineEnd(bytes, from); end >= 0; end = lineEnd(bytes, from)) {
      const lines = bytes.subarray(from, end);
      if (!isUtf8(lines)) {
        throw damaged(origin, 'malformed: it is not UTF-8');
      }
      yield lines.toString('utf8');
      from = end + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
    if (rest.length > MAX_LINE_BYTES) {
      throw damaged(origin, 'malformed: a line is too long');
    }
  }
  if (rest.length > 0) {
    throw damaged(origin, 'malformed: its last line has no end');
  }
}

/** @returns where the lines end that are read next, -1 when none is whole. */
function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.lastIndexOf(LINE_FEED, from + BATCH_BYTES);
  return end >= from ? end : bytes.indexOf(LINE_FEED, from + BATCH_BYTES);
}
