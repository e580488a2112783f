import { createHash } from 'node:crypto';
import { LocalAwsError, type LocalRequest } from '../gateway/service.ts';
import { type ChecksumAlgorithm, checksumHeader, createHasher } from './checksum/algorithm.ts';
import {
  type DeclaredChecksum,
  readDeclaredChecksum,
  requireChecksumForm,
} from './checksum/declared-checksum.ts';
import { readAwsChunked } from './read-aws-chunked.ts';
import { badDigest, entityTooLarge, incompleteBody, invalidRequest } from './s3-errors.ts';

/** Computed when the client sends no checksum, as S3 has done since December 2024. */
const SERVER_CHECKSUM = 'CRC64NVME';

const PLAIN_HASH = /^[0-9a-f]{64}$/;

/** What was learned about a body while it passed. */
export interface ReceivedPayload {
  /** Bytes after decoding. */
  readonly size: number;
  /** Hex. */
  readonly md5: string;
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. */
  readonly checksum: string;
  /** False when `checksum` is the server's own addition. */
  readonly sentByClient: boolean;
  /** The CRC64NVME, base64, when it was asked for. */
  readonly serverChecksum: string | undefined;
}

/** How a body is taken in. */
export interface PayloadOptions {
  /** Bytes after decoding. */
  readonly limit: number;
  /** Where decoded data goes, in order. */
  readonly write: (data: Buffer) => Promise<void> | void;
  /** Computes the CRC64NVME even when the client sent another checksum. Default false. */
  readonly withServerChecksum?: boolean;
  /** The checksum header speaks of an object, not of this body: not checked. Default false. */
  readonly checksumIsOfObject?: boolean;
}

/**
 * Takes in a request's body piece by piece: removes the `aws-chunked` framing if there is one,
 * and verifies everything the client declared, in header or trailer. Only after it has resolved
 * is the body known to be what the client meant to send.
 * @throws LocalAwsError `BadDigest`, `XAmzContentSHA256Mismatch`, `SignatureDoesNotMatch`,
 *   `IncompleteBody`, `EntityTooLarge`, `MissingContentLength`, `InvalidRequest`
 */
export async function receivePayload(
  request: LocalRequest,
  options: PayloadOptions,
): Promise<ReceivedPayload> {
  const declared = options.checksumIsOfObject
    ? { ...readDeclaredChecksum(request.headers), algorithm: undefined }
    : readDeclaredChecksum(request.headers);
  const expectedSize = requireDeclaredSize(request, options.limit);
  const plainHash = PLAIN_HASH.test(request.payloadHash) ? request.payloadHash : undefined;
  const algorithm = declared.algorithm ?? SERVER_CHECKSUM;
  const md5 = createHash('md5');
  const hasher = createHasher(algorithm);
  const sha256 =
    plainHash !== undefined && algorithm !== 'SHA256' ? createHash('sha256') : undefined;
  const server =
    options.withServerChecksum && algorithm !== SERVER_CHECKSUM
      ? createHasher(SERVER_CHECKSUM)
      : undefined;
  const trailer = new Map<string, string>();
  let size = 0;
  for await (const data of decodedBody(request, trailer)) {
    size += data.length;
    if (size > options.limit) {
      throw entityTooLarge(size, options.limit);
    }
    md5.update(data);
    hasher.update(data);
    sha256?.update(data);
    server?.update(data);
    await options.write(data);
  }
  if (expectedSize !== undefined && size !== expectedSize) {
    throw incompleteBody();
  }
  const digest = hasher.digest();
  const contentHash = plainHash && (sha256?.digest() ?? digest).toString('hex');
  if (contentHash !== plainHash) {
    throw contentHashMismatch();
  }
  const md5Digest = md5.digest();
  if (declared.contentMd5 !== undefined && !declared.contentMd5.equals(md5Digest)) {
    throw badDigest('Content-MD5');
  }
  const checksum = digest.toString('base64');
  requireDeclaredChecksum(declared, trailer, checksum);
  return {
    size,
    md5: md5Digest.toString('hex'),
    algorithm,
    checksum,
    sentByClient: declared.algorithm !== undefined,
    serverChecksum: options.withServerChecksum
      ? (server?.digest().toString('base64') ?? checksum)
      : undefined,
  };
}

function decodedBody(request: LocalRequest, trailer: Map<string, string>): AsyncIterable<Buffer> {
  // An error in the middle of a body must not destroy it: that would cut the connection before
  // the client has its answer.
  const source: AsyncIterable<Buffer> = request.body.iterator({ destroyOnReturn: false });
  switch (request.payloadHash) {
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return readAwsChunked({ source, signature: undefined, trailer });
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return readAwsChunked({ source, signature: request.signature, trailer });
    default:
      if (request.payloadHash !== 'UNSIGNED-PAYLOAD' && !PLAIN_HASH.test(request.payloadHash)) {
        throw invalidRequest(
          'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- value for SigV4, or a valid sha256 value.',
        );
      }
      return source;
  }
}

function requireDeclaredSize(request: LocalRequest, limit: number): number | undefined {
  const { headers } = request;
  const length = headers['x-amz-decoded-content-length'] ?? headers['content-length'];
  if (length === undefined && headers['transfer-encoding'] === undefined) {
    return 0;
  }
  if (length === undefined) {
    throw new LocalAwsError(
      'MissingContentLength',
      411,
      'You must provide the Content-Length HTTP header.',
    );
  }
  const size = Number(length);
  if (!Number.isSafeInteger(size) || size < 0) {
    throw invalidRequest('The Content-Length you specified is not valid.');
  }
  if (size > limit) {
    throw entityTooLarge(size, limit);
  }
  return request.payloadHash.startsWith('STREAMING-') &&
    headers['x-amz-decoded-content-length'] === undefined
    ? undefined
    : size;
}

function requireDeclaredChecksum(
  declared: DeclaredChecksum,
  trailer: ReadonlyMap<string, string>,
  computed: string,
): void {
  const { algorithm } = declared;
  if (algorithm === undefined) {
    return;
  }
  const value = declared.inTrailer ? trailer.get(checksumHeader(algorithm)) : declared.value;
  if (value === undefined) {
    throw new LocalAwsError(
      'MalformedTrailerError',
      400,
      'The request contained trailing data that was not well-formed or did not conform to our published schema.',
    );
  }
  requireChecksumForm(algorithm, value);
  if (value !== computed) {
    throw badDigest(algorithm);
  }
}

function contentHashMismatch(): LocalAwsError {
  return new LocalAwsError(
    'XAmzContentSHA256Mismatch',
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
}

/**
 * A small request document in memory, verified like any other body.
 * @throws LocalAwsError as `receivePayload`
 */
export async function receiveDocument(
  request: LocalRequest,
  limit: number,
  options: { readonly checksumIsOfObject?: boolean } = {},
): Promise<string> {
  const pieces: Buffer[] = [];
  await receivePayload(request, {
    ...options,
    limit,
    write(data) {
      pieces.push(data);
    },
  });
  return Buffer.concat(pieces).toString('utf8');
}
