import { compareUtf8 } from '../domain/utf8-order.ts';
import { parseManifestLine } from './manifest-line.ts';
import { isRecord, type ManifestLine, type ManifestRecord } from './manifest-record.ts';
import { damaged, type Origin } from './origin.ts';

/** Longest line accepted, in UTF-16 units: far beyond S3's limits on keys, metadata and tags. */
const MAX_LINE = 1024 * 1024;

/**
 * Reads the records of one part of a manifest, as `readManifestLines` does; what was skipped is no
 * record of the snapshot (format.md 4.7).
 */
export async function* readManifest(
  plaintext: AsyncIterable<Buffer>,
  origin: Origin,
  after?: string,
): AsyncGenerator<ManifestRecord> {
  for await (const line of readManifestLines(plaintext, origin, after)) {
    if (isRecord(line)) {
      yield line;
    }
  }
}

/**
 * Reads the plaintext of one part of a manifest, holding one chunk of it at a time.
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
): AsyncGenerator<ManifestLine> {
  let lastPath = after;
  for await (const line of splitLines(plaintext, origin)) {
    const record = parseManifestLine(line);
    if (record === undefined) {
      throw damaged(origin, 'malformed: a line is not a record');
    }
    if (lastPath !== undefined && compareUtf8(lastPath, record.path) >= 0) {
      throw damaged(origin, 'malformed: its records are out of order');
    }
    lastPath = record.path;
    yield record;
  }
}

async function* splitLines(
  plaintext: AsyncIterable<Buffer>,
  origin: Origin,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of plaintext) {
    const lines = (rest + decode(decoder, chunk, origin)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) {
      throw damaged(origin, 'malformed: a line is too long');
    }
    yield* lines;
  }
  if (rest !== '') {
    throw damaged(origin, 'malformed: its last line has no end');
  }
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk: Buffer, origin: Origin): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch (error) {
    throw damaged(origin, 'malformed: it is not UTF-8', error);
  }
}
