import { LocalAwsError } from '../gateway/service.ts';
import { MAX_KEY_BYTES } from './limits.ts';
import { keyTooLong } from './s3-errors.ts';

/** What a request is about: neither (the service), a bucket, or a key in a bucket. */
export interface S3Address {
  /** Empty for a request to the service itself. */
  readonly bucket: string;
  /** Empty for a request to a bucket; otherwise exactly as named, slashes never merged. */
  readonly key: string;
}

/**
 * Finds bucket and key of a request in path style or virtual-host style. Hosts under `localhost`
 * and hosts with an `s3` label carry the bucket in the labels before.
 * @param host - the Host header, with or without a port
 * @param rawPath - percent-encoded path
 * @throws LocalAwsError `InvalidURI` when the path is not percent-encoded UTF-8
 * @throws LocalAwsError `KeyTooLongError`
 */
export function parseAddress(host: string, rawPath: string): S3Address {
  const hosted = bucketOfHost(host.replace(/:\d+$/, '').toLowerCase());
  const path = decodePath(rawPath.replace(/^\//, ''));
  const slash = path.indexOf('/');
  const address =
    hosted !== undefined
      ? { bucket: hosted, key: path }
      : slash === -1
        ? { bucket: path, key: '' }
        : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
  requireKeyLength(address.key);
  return address;
}

/** @throws LocalAwsError `KeyTooLongError` for a key over 1,024 bytes of UTF-8 */
export function requireKeyLength(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > MAX_KEY_BYTES) {
    throw keyTooLong(size, MAX_KEY_BYTES);
  }
}

function bucketOfHost(host: string): string | undefined {
  const service = /^(?:(.+)\.)?s3[.-]/.exec(host);
  if (service !== null) {
    return service[1];
  }
  return host.endsWith('.localhost') ? host.slice(0, -'.localhost'.length) : undefined;
}

/** Decodes a percent-encoded path or `x-amz-copy-source`. */
export function decodePath(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    throw new LocalAwsError('InvalidURI', 400, "Couldn't parse the specified URI.");
  }
}
