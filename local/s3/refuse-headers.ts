import type { IncomingHttpHeaders } from 'node:http';
import { accessDenied, notImplemented } from './s3-errors.ts';

/** Headers that ask for something this S3 lacks; ignoring them would answer what was not done. */
const LACKING: readonly (readonly [prefix: string, feature: string])[] = [
  ['x-amz-object-lock-event-hold', 'event holds'],
  ['x-amz-server-side-encryption-customer-', 'encryption with customer-provided keys'],
  ['x-amz-copy-source-server-side-encryption-customer-', 'encryption with customer-provided keys'],
  ['x-amz-grant-', 'access control lists'],
  ['x-amz-mfa', 'MFA delete'],
  ['x-amz-write-offset-bytes', 'appending to objects'],
  ['x-amz-if-match-', 'conditions of directory buckets'],
  ['x-amz-bucket-namespace', 'bucket namespaces'],
  ['x-amz-object-annotation-', 'object annotations'],
];

/** Headers naming the account a bucket must belong to. */
const EXPECTED_OWNERS = ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner'];

/**
 * Checks the headers that concern every operation.
 * @param accountId - owner of all buckets
 * @throws LocalAwsError `NotImplemented`, naming what is missing
 * @throws LocalAwsError `AccessDenied` when another owner is expected
 */
export function refuseHeaders(headers: IncomingHttpHeaders, accountId: string): void {
  for (const [prefix, feature] of LACKING) {
    const header = Object.keys(headers).find((name) => name.startsWith(prefix));
    if (header !== undefined) {
      throw notImplemented(`local s3 has no ${feature} (${header})`);
    }
  }
  for (const name of EXPECTED_OWNERS) {
    const expected = headers[name];
    if (expected !== undefined && expected !== accountId) {
      throw accessDenied();
    }
  }
}
