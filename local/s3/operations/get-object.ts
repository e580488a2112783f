import { pipeline } from 'node:stream/promises';
import { LocalAwsError } from '../../gateway/service.ts';
import { type ByteRange, parseRange } from '../byte-range.ts';
import { checksumHeader } from '../checksum/algorithm.ts';
import { requireReadConditions } from '../conditions.ts';
import { setDescriptionHeaders } from '../object-description.ts';
import { setLockHeaders } from '../object-lock.ts';
import { headerOf, requireBucket, type S3Call } from '../s3-call.ts';
import { invalidArgument, invalidRequest } from '../s3-errors.ts';
import { httpTime, quoted } from '../send-response.ts';
import type { ObjectVersion } from '../store/object-version.ts';
import { readBody } from '../store/read-body.ts';
import { requireVersion } from './find-version.ts';
import { setVersionHeader } from './write-object.ts';

/** Query parameters that replace a header of the answer. */
const OVERRIDES = {
  'response-content-type': 'content-type',
  'response-content-language': 'content-language',
  'response-expires': 'expires',
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
} as const;

/** GetObject: the body goes straight from its files to the socket. */
export async function getObject(call: S3Call): Promise<void> {
  const { response, store } = call;
  const { version, range } = beginRead(call);
  const release = store.files.hold(version.segments);
  try {
    const body = readBody(store.files, version.segments, range.start, range.end);
    await pipeline(body, response);
  } finally {
    release();
  }
}

/** HeadObject: everything of GetObject but the body. */
export function headObject(call: S3Call): void {
  beginRead(call);
  call.response.end();
}

/** Checks conditions and range, and sends the head of the answer. */
function beginRead(call: S3Call): { version: ObjectVersion; range: ByteRange } {
  const { response, query } = call;
  const bucket = requireBucket(call);
  const version = requireVersion(call);
  response.setHeader('etag', quoted(version.etag));
  response.setHeader('last-modified', httpTime(version.modified));
  setVersionHeader(call, bucket, version.versionId);
  requireReadConditions(call, version);
  const part = query.get('partNumber');
  const range =
    part === null
      ? parseRange(headerOf(call, 'range'), version.size)
      : rangeOfPart(call, version, part);
  setDescriptionHeaders(response, version);
  setLockHeaders(call, version.lock);
  for (const [parameter, header] of Object.entries(OVERRIDES)) {
    const value = query.get(parameter);
    if (value !== null) {
      response.setHeader(header, headerBytes(parameter, value));
    }
  }
  response.setHeader('accept-ranges', 'bytes');
  setChecksumHeaders(call, version, range);
  const { start, end } = range ?? { start: 0, end: version.size - 1 };
  response.setHeader('content-length', end - start + 1);
  if (range !== undefined) {
    response.setHeader('content-range', `bytes ${start}-${end}/${version.size}`);
  }
  response.writeHead(range === undefined ? 200 : 206);
  return { version, range: { start, end } };
}

/** A header is bytes: text beyond Latin-1 goes out as UTF-8, as S3 sends it. */
function headerBytes(parameter: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw invalidArgument('Header value cannot contain control characters', parameter);
  }
  return Buffer.from(value).toString('latin1');
}

/** The bytes of one part; `undefined` (the whole) for part 1 of an object without parts. */
function rangeOfPart(call: S3Call, version: ObjectVersion, part: string): ByteRange | undefined {
  if (headerOf(call, 'range') !== undefined) {
    throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
  }
  const number = Number(part);
  const { parts } = version;
  if (parts === undefined ? number !== 1 : !(number >= 1 && number <= parts.length)) {
    throw new LocalAwsError(
      'InvalidPartNumber',
      416,
      'The requested partnumber is not satisfiable',
      {
        ActualPartCount: String(parts?.length ?? 1),
      },
    );
  }
  if (parts === undefined) {
    return undefined;
  }
  call.response.setHeader('x-amz-mp-parts-count', String(parts.length));
  const start = parts.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  return { start, end: start + (parts[number - 1]?.size ?? 0) - 1 };
}

/** Checksums are sent on request, and only where they cover exactly the bytes sent. */
function setChecksumHeaders(
  call: S3Call,
  version: ObjectVersion,
  range: ByteRange | undefined,
): void {
  const { checksum, parts } = version;
  if (headerOf(call, 'x-amz-checksum-mode')?.toUpperCase() !== 'ENABLED' || !checksum) {
    return;
  }
  const part = Number(call.query.get('partNumber') ?? 0);
  const value = range === undefined ? checksum.value : parts?.[part - 1]?.checksum;
  if (value !== undefined) {
    call.response.setHeader(checksumHeader(checksum.algorithm), value);
    call.response.setHeader('x-amz-checksum-type', checksum.type);
  }
}
