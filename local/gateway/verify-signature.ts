import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { LocalClock } from '../clock.ts';
import {
  canonicalHeaders,
  canonicalPaths,
  canonicalQuery,
  hashCanonicalRequest,
} from './canonical-request.ts';
import type { Credentials } from './credentials.ts';
import type { ClaimedSignature } from './parse-signature.ts';
import { judgeRequestTime } from './request-time.ts';
import type { Identity, SignatureScope } from './service.ts';
import { signatureRefusal } from './signature-refusal.ts';

/** Signing keys kept so that the four HMACs of a key are not repeated for every request. */
const MAX_CACHED_SIGNING_KEYS = 256;
const signingKeys = new Map<string, Buffer>();

/** What is verified: the head of a request and the hash that stands for its body. */
export interface SignedHead {
  readonly request: IncomingMessage;
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly claimed: ClaimedSignature;
  /** The hash the client signed: of the body, or one of S3's names such as `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
}

/**
 * Verifies a request's signature, its time and its session token.
 * @returns who signed, and what the chunk signatures of an `aws-chunked` body continue from.
 * @throws LocalAwsError with S3's or the JSON services' code for the reason.
 */
export function verifySignature(
  head: SignedHead,
  credentials: Credentials,
  clock: LocalClock,
): { identity: Identity; signature: SignatureScope } {
  const { claimed, request } = head;
  const { service } = claimed;
  const found = credentials.find(claimed.accessKeyId);
  if (found === undefined) {
    throw signatureRefusal(
      'unknown-key',
      service,
      service === 's3'
        ? 'The AWS Access Key Id you provided does not exist in our records.'
        : 'The security token included in the request is invalid.',
    );
  }
  if (found.sessionToken !== undefined && !sameText(found.sessionToken, claimed.sessionToken)) {
    throw signatureRefusal('wrong-token', service, 'The provided token is malformed or invalid.');
  }
  const late = judgeRequestTime(clock, service, claimed.timestamp, claimed.expiresSeconds);
  if (late !== undefined) throw late;
  if (service === 's3') refuseUnsignedAmzHeaders(request, claimed);

  const signingKey = deriveSigningKey(found.secretAccessKey, claimed);
  const credentialScope = `${claimed.date}/${claimed.region}/${service}/aws4_request`;
  const matches = canonicalPaths(service, head.rawPath).some((path) =>
    sameText(expectedSignature(head, path, signingKey, credentialScope), claimed.signature),
  );
  if (!matches) {
    throw signatureRefusal(
      'wrong-signature',
      service,
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your key and signing method.',
    );
  }
  const { timestamp, signature: seedSignature } = claimed;
  return {
    identity: found.identity,
    signature: { signingKey, credentialScope, timestamp, seedSignature },
  };
}

function expectedSignature(
  head: SignedHead,
  path: string,
  signingKey: Buffer,
  credentialScope: string,
): string {
  const { claimed, request, payloadHash } = head;
  const hash = hashCanonicalRequest({
    method: request.method ?? 'GET',
    path,
    query: canonicalQuery(head.rawQuery),
    headers: canonicalHeaders(request, claimed.signedHeaders),
    signedHeaders: claimed.signedHeaders.join(';'),
    payloadHash,
  });
  const toSign = `AWS4-HMAC-SHA256\n${claimed.timestamp}\n${credentialScope}\n${hash}`;
  return createHmac('sha256', signingKey).update(toSign, 'utf8').digest('hex');
}

/** S3 refuses any `x-amz-` header outside the signature: it could have been added on the way. */
function refuseUnsignedAmzHeaders(request: IncomingMessage, claimed: ClaimedSignature): void {
  const unsigned = Object.keys(request.headers).filter(
    (name) => name.startsWith('x-amz-') && !claimed.signedHeaders.includes(name),
  );
  if (unsigned.length === 0) return;
  throw signatureRefusal(
    'unsigned-header',
    claimed.service,
    `There were headers present in the request which were not signed: ${unsigned.join(', ')}`,
  );
}

function deriveSigningKey(secret: string, claimed: ClaimedSignature): Buffer {
  const { date, region, service } = claimed;
  const cacheKey = [secret, date, region, service].join('\n');
  const cached = signingKeys.get(cacheKey);
  if (cached !== undefined) return cached;
  const key = [date, region, service, 'aws4_request'].reduce<Buffer>(
    (parent, part) => createHmac('sha256', parent).update(part, 'utf8').digest(),
    Buffer.from(`AWS4${secret}`, 'utf8'),
  );
  if (signingKeys.size >= MAX_CACHED_SIGNING_KEYS) signingKeys.clear();
  signingKeys.set(cacheKey, key);
  return key;
}

/** Compares in a time that does not depend on where the texts differ. */
function sameText(expected: string, actual: string | undefined): boolean {
  const a = Buffer.from(expected, 'utf8');
  const b = Buffer.from(actual ?? '', 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}
