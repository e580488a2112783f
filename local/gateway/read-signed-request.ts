import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { LocalClock } from '../clock.ts';
import { decodeOrKeep, splitQuery } from './canonical-request.ts';
import type { Credentials } from './credentials.ts';
import {
  type ClaimedSignature,
  MalformedSignatureError,
  PRESIGNED_PARAMETERS,
  parseSignature,
} from './parse-signature.ts';
import { LocalAwsError, type LocalRequest } from './service.ts';
import { signatureRefusal } from './signature-refusal.ts';
import { verifySignature } from './verify-signature.ts';

/** Largest body a service other than S3 may receive: DynamoDB's 16 MB batches and some room. */
const MAX_BUFFERED_BODY_BYTES = 20 * 1024 * 1024;

/** A request that carries a signature. */
export interface SignedRequest {
  readonly claimed: ClaimedSignature;
  /** For writing an error before the signature is verified; its identity is empty. */
  readonly unverified: LocalRequest;
  /**
   * Verifies the signature. S3 bodies stay unread, because the client states their hash and the
   * service checks it; other bodies are part of the signature and are read whole.
   * @param proceed - called before the body is needed, to answer `Expect: 100-continue`.
   * @throws LocalAwsError when the signature does not hold.
   */
  verify(
    against: { credentials: Credentials; clock: LocalClock },
    proceed: () => void,
  ): Promise<{ request: LocalRequest; bufferedBody: Buffer | undefined }>;
}

interface Arrived {
  readonly id: string;
  readonly message: IncomingMessage;
  readonly rawPath: string;
  readonly rawQuery: string;
}

/**
 * @returns `undefined` for a request without any signature.
 * @throws LocalAwsError when there is one that cannot be read.
 */
export function readSignedRequest(arrived: Arrived): SignedRequest | undefined {
  const { message, rawPath, rawQuery } = arrived;
  const claimed = parseOrRefuse(message, new URLSearchParams(rawQuery));
  if (claimed === undefined) return undefined;
  const unverified = describeRequest(arrived, claimed);
  return {
    claimed,
    unverified,
    async verify({ credentials, clock }, proceed) {
      if (claimed.service === 's3') {
        const payloadHash = unverified.payloadHash || hashOfNoBody(message);
        const head = { request: message, rawPath, rawQuery, claimed, payloadHash };
        const verified = verifySignature(head, credentials, clock);
        proceed();
        return { request: { ...unverified, ...verified, payloadHash }, bufferedBody: undefined };
      }
      proceed();
      const bufferedBody = await readLimited(message);
      const payloadHash = hashSignedBody(claimed, unverified.payloadHash, bufferedBody);
      const head = { request: message, rawPath, rawQuery, claimed, payloadHash };
      const verified = verifySignature(head, credentials, clock);
      const body = Readable.from([bufferedBody], { objectMode: false });
      return { request: { ...unverified, ...verified, payloadHash, body }, bufferedBody };
    },
  };
}

function parseOrRefuse(
  message: IncomingMessage,
  query: URLSearchParams,
): ClaimedSignature | undefined {
  try {
    return parseSignature(message, query);
  } catch (error) {
    if (!(error instanceof MalformedSignatureError)) throw error;
    const service = message.headers['x-amz-target'] === undefined ? 's3' : undefined;
    throw signatureRefusal('malformed', service, error.message);
  }
}

function describeRequest(arrived: Arrived, claimed: ClaimedSignature): LocalRequest {
  const { id, message, rawPath } = arrived;
  const presigned = claimed.expiresSeconds !== undefined;
  const { headers, rawQuery, payloadHash } = presigned
    ? unwrapPresigned(arrived, claimed)
    : {
        headers: message.headers,
        rawQuery: arrived.rawQuery,
        payloadHash: headerText(message.headers, 'x-amz-content-sha256') ?? '',
      };
  const { accessKeyId, service, region, timestamp, signature, date } = claimed;
  return {
    id,
    method: message.method ?? 'GET',
    host: message.headers.host ?? '',
    rawPath,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers,
    service,
    region,
    identity: { accountId: '', accessKeyId, arn: '' },
    signature: {
      signingKey: Buffer.alloc(0),
      credentialScope: `${date}/${region}/${service}/aws4_request`,
      timestamp,
      seedSignature: signature,
    },
    payloadHash,
    body: message,
  };
}

/**
 * Takes the signature out of a presigned URL. For S3, other `x-amz-` parameters count as headers:
 * that is where a presigning client puts them (checksums, lock settings).
 */
function unwrapPresigned(
  arrived: Arrived,
  claimed: ClaimedSignature,
): { headers: IncomingHttpHeaders; rawQuery: string; payloadHash: string } {
  const headers: IncomingHttpHeaders = { ...arrived.message.headers };
  let payloadHash = headerText(headers, 'x-amz-content-sha256');
  const kept: string[] = [];
  for (const [rawName, rawValue] of splitQuery(arrived.rawQuery)) {
    const name = decodeOrKeep(rawName).toLowerCase();
    const value = decodeOrKeep(rawValue.replaceAll('+', '%20'));
    if (name === 'x-amz-content-sha256') payloadHash = value;
    if (PRESIGNED_PARAMETERS.has(name)) continue;
    if (claimed.service === 's3' && name.startsWith('x-amz-')) headers[name] ??= value;
    else kept.push(rawValue === '' ? rawName : `${rawName}=${rawValue}`);
  }
  return { headers, rawQuery: kept.join('&'), payloadHash: payloadHash ?? 'UNSIGNED-PAYLOAD' };
}

/**
 * The hash a JSON service's client signed. A stated hash of something else than the body gives
 * the body's own hash, with which the signature cannot match.
 */
function hashSignedBody(claimed: ClaimedSignature, stated: string, body: Buffer): string {
  const isNamed = stated.startsWith('UNSIGNED-PAYLOAD') && claimed.expiresSeconds === undefined;
  if (isNamed) return stated;
  return createHash('sha256').update(body).digest('hex');
}

async function readLimited(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop must not cut the connection: the refusal is still to be answered.
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > MAX_BUFFERED_BODY_BYTES) {
      throw new LocalAwsError('RequestEntityTooLarge', 413, 'the body is larger than 20 MiB');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * What a request to S3 without `x-amz-content-sha256` signed, if it has no body. Old releases of
 * curl leave the header out; AWS would refuse them, a tool for development need not.
 * @throws LocalAwsError `InvalidRequest` when there is a body, whose hash is then unknown.
 */
function hashOfNoBody(message: IncomingMessage): string {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = message.headers;
  if (length === '0' && encoding === undefined) return createHash('sha256').digest('hex');
  throw new LocalAwsError(
    'InvalidRequest',
    400,
    'Missing required header for this request: x-amz-content-sha256',
  );
}

function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
