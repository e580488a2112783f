import type { IncomingHttpHeaders } from 'node:http';
import { LocalAwsError } from '../../gateway/service.ts';
import { invalidRequest, notImplemented } from '../s3-errors.ts';
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checksumHeader,
  createHasher,
  MISSING_ALGORITHMS,
} from './algorithm.ts';

/** What a request says about its own body. */
export interface DeclaredChecksum {
  /** Raw digest of `Content-MD5`. */
  readonly contentMd5: Buffer | undefined;
  readonly algorithm: ChecksumAlgorithm | undefined;
  /** Base64; `undefined` while it is still to come in the trailer. */
  readonly value: string | undefined;
  readonly inTrailer: boolean;
}

/**
 * Reads the name of an algorithm, in any case.
 * @throws LocalAwsError `NotImplemented` for S3's algorithms missing here, else `InvalidRequest`
 */
export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const upper = name.toUpperCase();
  const found = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === upper);
  if (found === undefined) {
    throw MISSING_ALGORITHMS.includes(upper)
      ? notImplemented(`local s3 has no ${upper}; it has: ${CHECKSUM_ALGORITHMS.join(', ')}`)
      : invalidRequest('Checksum algorithm provided is unsupported.');
  }
  return found;
}

/**
 * Reads `Content-MD5`, the one `x-amz-checksum-*` header and the announcement of a trailer.
 * @throws LocalAwsError `InvalidDigest`, `InvalidRequest` or `NotImplemented`
 */
export function readDeclaredChecksum(headers: IncomingHttpHeaders): DeclaredChecksum {
  const contentMd5 = readContentMd5(headers['content-md5']);
  const trailer = /^x-amz-checksum-([a-z0-9]+)$/.exec(
    (headers['x-amz-trailer'] as string | undefined)?.trim().toLowerCase() ?? '',
  )?.[1];
  const given = [...CHECKSUM_ALGORITHMS, ...MISSING_ALGORITHMS].filter(
    (algorithm) => headers[checksumHeader(algorithm)] !== undefined,
  );
  if (given.length > 1 || (given.length === 1 && trailer !== undefined)) {
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  if (trailer !== undefined) {
    const algorithm = parseAlgorithm(trailer);
    return { contentMd5, algorithm, value: undefined, inTrailer: true };
  }
  if (given[0] === undefined) {
    return { contentMd5, algorithm: undefined, value: undefined, inTrailer: false };
  }
  const algorithm = parseAlgorithm(given[0]);
  const value = String(headers[checksumHeader(algorithm)]);
  requireChecksumForm(algorithm, value);
  return { contentMd5, algorithm, value, inTrailer: false };
}

/** @throws LocalAwsError `InvalidRequest` when `value` cannot be a checksum of that algorithm */
export function requireChecksumForm(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  const expected = createHasher(algorithm).digest().length;
  if (bytes.length !== expected || bytes.toString('base64') !== value) {
    throw invalidRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`);
  }
}

/** True when the body's integrity is vouched for, which Object Lock requests require. */
export function hasIntegrityHeader(headers: IncomingHttpHeaders): boolean {
  const declared = readDeclaredChecksum(headers);
  return declared.contentMd5 !== undefined || declared.algorithm !== undefined;
}

function readContentMd5(header: string | string[] | undefined): Buffer | undefined {
  if (header === undefined) {
    return undefined;
  }
  const digest = Buffer.from(String(header), 'base64');
  if (digest.length !== 16 || digest.toString('base64') !== header) {
    throw new LocalAwsError('InvalidDigest', 400, 'The Content-MD5 you specified is not valid.');
  }
  return digest;
}
