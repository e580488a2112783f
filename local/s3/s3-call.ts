import type { ServerResponse } from 'node:http';
import type { LocalClock } from '../clock.ts';
import { LocalAwsError, type LocalRequest } from '../gateway/service.ts';
import { noSuchBucket } from './s3-errors.ts';
import type { Bucket } from './store/bucket-table.ts';
import type { S3Store } from './store/s3-store.ts';

/** One request with everything its operation needs. */
export interface S3Call {
  readonly request: LocalRequest;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** Empty for requests to the service. */
  readonly bucket: string;
  /** Empty for requests to a bucket. */
  readonly key: string;
  readonly store: S3Store;
  readonly clock: LocalClock;
  readonly accountId: string;
}

/** An operation writes its own success; what it throws is written by the service. */
export type Operation = (call: S3Call) => Promise<void> | void;

/** A header as one string, `undefined` when absent or empty. */
export function headerOf(call: S3Call, name: string): string | undefined {
  const value = call.request.headers[name];
  return value === undefined || value === '' ? undefined : String(value);
}

/** Milliseconds since the epoch on the embedded clock. */
export function nowOf(call: S3Call): number {
  return call.clock.now().getTime();
}

/**
 * The bucket of a call, which must be in the Region the request was signed for.
 * @throws LocalAwsError `NoSuchBucket`
 * @throws LocalAwsError `AuthorizationHeaderMalformed` (signed for us-east-1, S3's global Region)
 *   or `PermanentRedirect`; both name the right Region in `x-amz-bucket-region`
 */
export function requireBucket(call: S3Call): Bucket {
  const bucket = call.store.buckets.find(call.bucket);
  if (bucket === undefined) {
    throw noSuchBucket(call.bucket);
  }
  if (bucket.region !== call.request.region) {
    call.response.setHeader('x-amz-bucket-region', bucket.region);
    throw call.request.region === 'us-east-1'
      ? new LocalAwsError(
          'AuthorizationHeaderMalformed',
          400,
          `The authorization header is malformed; the region 'us-east-1' is wrong; expecting '${bucket.region}'`,
          { Region: bucket.region },
        )
      : new LocalAwsError(
          'PermanentRedirect',
          301,
          'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
          { Bucket: bucket.name, Endpoint: `${bucket.name}.s3.${bucket.region}.amazonaws.com` },
        );
  }
  return bucket;
}
