import { headerOf, type S3Call } from './s3-call.ts';
import { noSuchKey, notImplemented, notModified, preconditionFailed } from './s3-errors.ts';
import type { ObjectVersion } from './store/object-version.ts';

/** True when an `If-Match`-like list of ETags names this one. */
function matchesEtag(list: string, etag: string): boolean {
  return list
    .split(',')
    .map((item) =>
      item
        .trim()
        .replace(/^W\//, '')
        .replace(/^"(.*)"$/, '$1'),
    )
    .some((item) => item === '*' || item === etag);
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** A date that cannot be read is ignored, as HTTP asks (RFC 9110, 13.1.3). */
function secondsOf(header: string | undefined): number | undefined {
  const time = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(time) ? undefined : seconds(time);
}

/**
 * The four conditions of a read. `If-Match` decides over `If-Unmodified-Since`, and
 * `If-None-Match` over `If-Modified-Since`.
 * @param prefix - `x-amz-copy-source-` for the source of a copy, where nothing is "not modified"
 * @throws LocalAwsError `PreconditionFailed`, or 304 for a plain read
 */
export function requireReadConditions(
  call: S3Call,
  version: ObjectVersion,
  prefix: '' | 'x-amz-copy-source-' = '',
): void {
  const unchanged = (name: string) => (prefix === '' ? notModified() : preconditionFailed(name));
  const modified = seconds(version.modified);
  const ifMatch = headerOf(call, `${prefix}if-match`);
  const unmodifiedSince = secondsOf(headerOf(call, `${prefix}if-unmodified-since`));
  if (ifMatch !== undefined) {
    if (!matchesEtag(ifMatch, version.etag)) {
      throw preconditionFailed(`${prefix}If-Match`);
    }
  } else if (unmodifiedSince !== undefined && modified > unmodifiedSince) {
    throw preconditionFailed(`${prefix}If-Unmodified-Since`);
  }
  const ifNoneMatch = headerOf(call, `${prefix}if-none-match`);
  const modifiedSince = secondsOf(headerOf(call, `${prefix}if-modified-since`));
  if (ifNoneMatch !== undefined) {
    if (matchesEtag(ifNoneMatch, version.etag)) {
      throw unchanged(`${prefix}If-None-Match`);
    }
  } else if (modifiedSince !== undefined && modified <= modifiedSince) {
    throw unchanged(`${prefix}If-Modified-Since`);
  }
}

/**
 * The conditions of a write on what is current: `If-None-Match: *` holds when nothing is, a delete
 * marker counting as nothing; `If-Match` needs that very ETag.
 * @throws LocalAwsError `PreconditionFailed`, or `NoSuchKey` for `If-Match` on nothing
 * @throws LocalAwsError `NotImplemented` for `If-None-Match` with an ETag, as S3 answers
 */
export function requireWriteConditions(call: S3Call): void {
  const ifNoneMatch = headerOf(call, 'if-none-match');
  const ifMatch = headerOf(call, 'if-match');
  if (ifNoneMatch === undefined && ifMatch === undefined) {
    return;
  }
  if (ifNoneMatch !== undefined && (ifNoneMatch !== '*' || ifMatch !== undefined)) {
    throw notImplemented(
      'A header you provided implies functionality that is not implemented: If-None-Match takes * only',
    );
  }
  const current = call.store.versions.current(call.bucket, call.key);
  const existing = current?.isMarker ? undefined : current;
  if (ifNoneMatch !== undefined && existing !== undefined) {
    throw preconditionFailed('If-None-Match');
  }
  if (ifMatch !== undefined) {
    requireMatch(ifMatch, existing);
  }
}

/** @throws LocalAwsError `NoSuchKey` or `PreconditionFailed` */
export function requireMatch(ifMatch: string, existing: ObjectVersion | undefined): void {
  if (existing === undefined) {
    throw noSuchKey();
  }
  if (!matchesEtag(ifMatch, existing.etag)) {
    throw preconditionFailed('If-Match');
  }
}
